"""The shortest way through a maze: breadth first, with a deque and a set of tuples."""
from collections import deque


def main(args):
    rows = args["rows"]
    height, width = len(rows), len(rows[0])
    goal = (height - 1, width - 1)
    queue = deque([(0, 0, 0)])
    seen = {(0, 0)}
    while queue:
        y, x, steps = queue.popleft()
        if (y, x) == goal:
            return {"steps": steps, "seen": len(seen)}
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            ny, nx = y + dy, x + dx
            if 0 <= ny < height and 0 <= nx < width and rows[ny][nx] != "#" and (ny, nx) not in seen:
                seen.add((ny, nx))
                queue.append((ny, nx, steps + 1))
    return {"steps": None, "seen": len(seen)}
