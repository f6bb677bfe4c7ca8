# The listing of the first seed, as it stands: the store into an empty list raises IndexError in CPython.
def func():
    y = []
    x = [1, 2, 3]
    for index in range(len(x)):
        y[index] = x[index]

    if y[1] == 2:
        result = 'ok'
    else:
        print('Not Ok')
        result = 'not ok'

    return result


def main(args):
    return {"result": func()}
