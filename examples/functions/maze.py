"""Finds a way through a maze that every invocation changes: walls move as people walk."""
from collections import deque

SIZE = 24
GRID = [[1 if (x * 7 + y * 13 + x * y) % 5 == 0 else 0 for x in range(SIZE)] for y in range(SIZE)]
GRID[0][0] = GRID[SIZE - 1][SIZE - 1] = 0


def shortest(start, goal):
    before = {start: None}
    waiting = deque([start])
    while waiting:
        x, y = waiting.popleft()
        if (x, y) == goal:
            break
        for nx, ny in ((x + 1, y), (x, y + 1), (x - 1, y), (x, y - 1)):
            if 0 <= nx < SIZE and 0 <= ny < SIZE and GRID[ny][nx] == 0 and (nx, ny) not in before:
                before[nx, ny] = (x, y)
                waiting.append((nx, ny))
    if goal not in before:
        return None
    way = [goal]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def main(args):
    x, y = args["x"] % SIZE, args["y"] % SIZE
    if (x, y) not in ((0, 0), (SIZE - 1, SIZE - 1)):
        GRID[y][x] = 1 - GRID[y][x]
    way = shortest((0, 0), (SIZE - 1, SIZE - 1))
    walls = sum(map(sum, GRID))
    if way is None:
        GRID[y][x] = 0
        return {"steps": None, "walls": walls}
    return {"steps": len(way) - 1, "walls": walls, "turns": sum(a[0] != c[0] and a[1] != c[1] for a, c in zip(way, way[2:]))}
