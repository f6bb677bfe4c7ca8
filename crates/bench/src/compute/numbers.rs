//! Floats and ints.

use num_bigint::BigUint;
use serde_json::{Value, json};

use super::{float, int, list, size};

struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

pub(super) fn nbody(args: &Value) -> Value {
    let mut bodies: Vec<Body> = list(&args["bodies"])
        .iter()
        .map(|body| {
            let at = |i: usize| float(&body[i]);
            Body { place: [at(0), at(1), at(2)], speed: [at(3), at(4), at(5)], mass: at(6) }
        })
        .collect();
    let dt = float(&args["dt"]);
    for _ in 0..int(&args["steps"]) {
        for i in 0..bodies.len() {
            let (before, after) = bodies.split_at_mut(i + 1);
            let a = &mut before[i];
            for b in after {
                let d = [a.place[0] - b.place[0], a.place[1] - b.place[1], a.place[2] - b.place[2]];
                let squared = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
                let force = dt / (squared * squared.sqrt());
                for (k, d) in d.into_iter().enumerate() {
                    a.speed[k] -= d * b.mass * force;
                    b.speed[k] += d * a.mass * force;
                }
            }
        }
        for body in &mut bodies {
            for k in 0..3 {
                body.place[k] += dt * body.speed[k];
            }
        }
    }
    let mut energy = 0.0;
    for (i, a) in bodies.iter().enumerate() {
        energy += 0.5 * a.mass * (a.speed[0].powi(2) + a.speed[1].powi(2) + a.speed[2].powi(2));
        for b in &bodies[i + 1..] {
            let squared: f64 = (0..3).map(|k| (a.place[k] - b.place[k]).powi(2)).sum();
            energy -= a.mass * b.mass / squared.sqrt();
        }
    }
    json!({ "energy": energy })
}

pub(super) fn mandelbrot(args: &Value) -> Value {
    let (width, height, most) = (int(&args["width"]), int(&args["height"]), int(&args["most"]));
    let (mut total, mut inside) = (0, 0);
    for row in 0..height {
        let ci = 2.0 * row as f64 / height as f64 - 1.0;
        for column in 0..width {
            let cr = 3.0 * column as f64 / width as f64 - 2.0;
            let (mut zr, mut zi) = (0.0, 0.0);
            let mut count = 0;
            while count < most && zr * zr + zi * zi <= 4.0 {
                (zr, zi) = (zr * zr - zi * zi + cr, 2.0 * zr * zi + ci);
                count += 1;
            }
            total += count;
            inside += i64::from(count == most);
        }
    }
    json!({"inside": inside, "mean": total as f64 / (width * height) as f64})
}

fn multiply(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns: Vec<Vec<f64>> = (0..b[0].len()).map(|j| b.iter().map(|row| row[j]).collect()).collect();
    a.iter()
        .map(|row| columns.iter().map(|column| row.iter().zip(column).map(|(x, y)| x * y).sum()).collect())
        .collect()
}

pub(super) fn matrix(args: &Value) -> Value {
    let a: Vec<Vec<f64>> = list(&args["a"]).iter().map(|row| list(row).iter().map(float).collect()).collect();
    let mut product = a.clone();
    for _ in 0..int(&args["times"]) {
        product = multiply(&product, &a);
    }
    json!({"trace": product.iter().enumerate().map(|(i, row)| row[i]).sum::<f64>()})
}

pub(super) fn collatz(args: &Value) -> Value {
    let (mut best, mut longest) = (0, 0);
    for start in 1..int(&args["limit"]) {
        let (mut n, mut steps) = (start, 0);
        while n != 1 {
            n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
            steps += 1;
        }
        if steps > longest {
            (best, longest) = (start, steps);
        }
    }
    json!({"start": best, "steps": longest})
}

pub(super) fn sieve(args: &Value) -> Value {
    let limit = size(&args["limit"]);
    let mut is_prime = vec![true; limit + 1];
    is_prime[..2].fill(false);
    for n in 2..=limit.isqrt() {
        if is_prime[n] {
            for multiple in (n * n..=limit).step_by(n) {
                is_prime[multiple] = false;
            }
        }
    }
    let primes: Vec<usize> = (0..=limit).filter(|&n| is_prime[n]).collect();
    json!({"count": primes.len(), "last": primes[primes.len() - 5..]})
}

pub(super) fn bigint(args: &Value) -> Value {
    let n = int(&args["n"]).unsigned_abs();
    let product = (2..=n).fold(BigUint::from(1_u8), |product, i| product * i);
    let (mut a, mut b) = (BigUint::ZERO, BigUint::from(1_u8));
    for _ in 0..n {
        (a, b) = (b.clone(), a + b);
    }
    let power = a.modpow(&n.into(), &(&product + 1_u8)) % 1_000_000_007_u32;
    let digits: u32 = product.to_string().bytes().map(|digit| u32::from(digit - b'0')).sum();
    json!({"digits": digits, "fib": a.to_string(), "power": power.iter_u64_digits().next().unwrap_or(0)})
}

fn fibonacci(n: i64) -> i64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

pub(super) fn fib(args: &Value) -> Value {
    json!({"fib": fibonacci(int(&args["n"]))})
}
