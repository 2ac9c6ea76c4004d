"""What queues with Poisson arrivals do, by theory: how long a message is in the system (waiting and
service), and the arrival rate at which a percentile of that reaches a limit.

Times are in seconds, rates a second. Run as a program it holds each formula against a simulation.
"""
import heapq
import math
import random
from decimal import Decimal, getcontext


def md1_within(rate, service_s, time_s):
    """P(in the system <= time) with one server and a fixed service time: Erlang's formula (1909), whose
    terms alternate and are far larger than their sum; hence so many digits."""
    getcontext().prec = 120
    wait_s = time_s - service_s
    if wait_s < 0:
        return 0.0
    rate, service, wait = Decimal(rate), Decimal(service_s), Decimal(wait_s)
    total, factorial = Decimal(0), Decimal(1)
    for k in range(int(wait_s / service_s) + 1):
        factorial *= max(k, 1)
        x = rate * (wait - k * service)
        total += (-x) ** k / factorial * x.exp()
    return float((1 - rate * service) * total)


def mmc_within(rate, service_s, servers, time_s):
    """P(in the system <= time) with exponential service times and `servers` servers: Erlang's C formula for
    who has to wait (Gross and Harris, Fundamentals of Queueing Theory, 2.4)."""
    load = rate * service_s
    last = load ** servers / math.factorial(servers) * servers / (servers - load)
    waits = last / (sum(load ** k / math.factorial(k) for k in range(servers)) + last)
    mu = 1 / service_s
    spare = servers - 1 - load
    if abs(spare) < 1e-9:
        beyond = math.exp(-mu * time_s) * (1 + waits * mu * time_s)
    else:
        beyond = math.exp(-mu * time_s) * (1 + waits * (1 - math.exp(-mu * time_s * spare)) / spare)
    return 1 - beyond


def knee(within, capacity, share, limit_s):
    """The highest rate at which a share of all is in the system for no longer than the limit."""
    low, high = 0.0, capacity * (1 - 1e-9)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, limit_s) >= share else (low, middle)
    return low


def simulated_within(rate, service, servers, time_s, count=400_000, seed=1):
    """The same by playing it: `service()` draws a service time."""
    draw = random.Random(seed)
    free = [0.0] * servers
    now, within = 0.0, 0
    for _ in range(count):
        now += draw.expovariate(rate)
        done = max(now, heapq.heappop(free)) + service(draw)
        heapq.heappush(free, done)
        within += done - now <= time_s
    return within / count


def check():
    """Raises where theory and simulation differ by more than chance."""
    for rate in (5_000, 8_000):
        for time_s in (0.0002, 0.0005, 0.001):
            pairs = [(md1_within(rate, 1e-4, time_s),
                      simulated_within(rate, lambda _: 1e-4, 1, time_s)),
                     (mmc_within(rate, 1e-4, 1, time_s),
                      simulated_within(rate, lambda draw: draw.expovariate(1e4), 1, time_s)),
                     (mmc_within(rate, 4e-4, 4, 4 * time_s),
                      simulated_within(rate, lambda draw: draw.expovariate(2.5e3), 4, 4 * time_s))]
            for theory, played in pairs:
                print(f"{rate:6} {time_s * 1000:5.1f} ms: theory {theory:.4f}, simulated {played:.4f}")
                if abs(theory - played) > 0.006:
                    raise AssertionError("theory and simulation differ")


if __name__ == "__main__":
    check()
