# The listing of the first seed with a list that has room: the branch not taken is a hole.
def func():
    y = [0, 0, 0]
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
