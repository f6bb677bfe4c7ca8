//! Grids, graphs, and tables that are filled step by step.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::{int, list, size, text_of};

pub(super) fn life(args: &Value) -> Value {
    let mut grid: Vec<Vec<u8>> = list(&args["rows"])
        .iter()
        .map(|row| text_of(row).bytes().map(|cell| u8::from(cell == b'#')).collect())
        .collect();
    let (height, width) = (grid.len(), grid[0].len());
    for _ in 0..int(&args["steps"]) {
        let mut after = vec![vec![0; width]; height];
        for (y, new) in after.iter_mut().enumerate() {
            let (above, row, below) = (&grid[(y + height - 1) % height], &grid[y], &grid[(y + 1) % height]);
            for (x, cell) in new.iter_mut().enumerate() {
                let (left, right) = ((x + width - 1) % width, (x + 1) % width);
                let sides = above[left] + above[x] + above[right] + row[left] + row[right];
                let neighbours = sides + below[left] + below[x] + below[right];
                *cell = u8::from(neighbours == 3 || neighbours == 2 && row[x] == 1);
            }
        }
        grid = after;
    }
    let alive: u64 = grid.iter().flatten().map(|&cell| u64::from(cell)).sum();
    let line = |row: &Vec<u8>| row.iter().map(|&cell| if cell == 1 { '#' } else { '.' }).collect::<String>();
    json!({"alive": alive, "rows": grid.iter().map(line).collect::<Vec<String>>()})
}

pub(super) fn maze(args: &Value) -> Value {
    let rows: Vec<&[u8]> = list(&args["rows"]).iter().map(|row| text_of(row).as_bytes()).collect();
    let (height, width) = (rows.len(), rows[0].len());
    let mut queue = VecDeque::from([(0, 0, 0)]);
    let mut seen = HashSet::from([(0, 0)]);
    while let Some((y, x, steps)) = queue.pop_front() {
        if (y, x) == (height - 1, width - 1) {
            return json!({"steps": steps, "seen": seen.len()});
        }
        for (dy, dx) in [(0, 1), (1, 0), (0, -1), (-1, 0)] {
            let (Some(ny), Some(nx)) = (y.checked_add_signed(dy), x.checked_add_signed(dx)) else { continue };
            if ny < height && nx < width && rows[ny][nx] != b'#' && seen.insert((ny, nx)) {
                queue.push_back((ny, nx, steps + 1));
            }
        }
    }
    json!({"steps": null, "seen": seen.len()})
}

pub(super) fn dijkstra(args: &Value) -> Value {
    let mut edges: HashMap<&str, Vec<(&str, i64)>> = HashMap::new();
    for edge in list(&args["edges"]) {
        let (start, end, cost) = (text_of(&edge[0]), text_of(&edge[1]), int(&edge[2]));
        edges.entry(start).or_default().push((end, cost));
        edges.entry(end).or_default().push((start, cost));
    }
    let mut best: HashMap<&str, i64> = HashMap::new();
    let mut heap = BinaryHeap::from([Reverse((0, text_of(&args["from"])))]);
    while let Some(Reverse((cost, place))) = heap.pop() {
        if best.contains_key(place) {
            continue;
        }
        best.insert(place, cost);
        for &(other, more) in edges.get(place).map_or(&[][..], Vec::as_slice) {
            if !best.contains_key(other) {
                heap.push(Reverse((cost + more, other)));
            }
        }
    }
    json!({"reached": best.len(), "to": best.get(text_of(&args["to"])), "farthest": best.values().max()})
}

fn edits(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            row.push((before[j + 1] + 1).min(row[j] + 1).min(before[j] + usize::from(x != y)));
        }
        before = row;
    }
    before[b.len()]
}

pub(super) fn distance(args: &Value) -> Value {
    let texts = |name: &str| -> Vec<Vec<char>> {
        list(&args[name]).iter().map(|text| text_of(text).chars().collect()).collect()
    };
    let (words, others) = (texts("words"), texts("others"));
    let row = |a: &Vec<char>| others.iter().map(|b| edits(a, b)).collect::<Vec<usize>>();
    json!({"distances": words.iter().map(row).collect::<Vec<Vec<usize>>>()})
}

pub(super) fn knapsack(args: &Value) -> Value {
    let capacity = size(&args["capacity"]);
    let mut best = vec![0; capacity + 1];
    for item in list(&args["items"]) {
        let (weight, value) = (size(&item["weight"]), int(&item["value"]));
        for room in (weight..=capacity).rev() {
            best[room] = best[room].max(best[room - weight] + value);
        }
    }
    json!({"value": best[capacity]})
}
