"""The cheapest ways in a graph: a heap and dicts of lists."""
import heapq


def main(args):
    edges = {}
    for start, end, cost in args["edges"]:
        edges.setdefault(start, []).append((end, cost))
        edges.setdefault(end, []).append((start, cost))
    best = {}
    heap = [(0, args["from"])]
    while heap:
        cost, place = heapq.heappop(heap)
        if place in best:
            continue
        best[place] = cost
        for other, more in edges.get(place, ()):
            if other not in best:
                heapq.heappush(heap, (cost + more, other))
    return {"reached": len(best), "to": best.get(args["to"]), "farthest": max(best.values())}
