"""Conway's life on a torus: a grid of ints."""


def step(grid, height, width):
    after = []
    for y in range(height):
        above, row, below = grid[y - 1], grid[y], grid[(y + 1) % height]
        new = []
        for x in range(width):
            left, right = x - 1, (x + 1) % width
            neighbours = (
                above[left] + above[x] + above[right] + row[left] + row[right] + below[left] + below[x] + below[right]
            )
            new.append(1 if neighbours == 3 or (neighbours == 2 and row[x]) else 0)
        after.append(new)
    return after


def main(args):
    grid = [[int(cell == "#") for cell in row] for row in args["rows"]]
    height, width = len(grid), len(grid[0])
    for _ in range(args["steps"]):
        grid = step(grid, height, width)
    return {"alive": sum(map(sum, grid)), "rows": ["".join(".#"[cell] for cell in row) for row in grid]}
