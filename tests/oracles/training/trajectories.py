"""Values that PyTorch computes, for tests/UnitTests/Training. Written with PyTorch 1.13:

    python3 tests/oracles/training/trajectories.py
"""
import json
import math
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1


def normals(seed, count):
    """Standard normal numbers that need no library: SplitMix64, then Box-Muller in double precision."""
    state = seed

    def uniform():
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    values = []
    while len(values) < count:
        radius = math.sqrt(-2 * math.log(1 - uniform()))
        angle = 2 * math.pi * uniform()
        values += [radius * math.cos(angle), radius * math.sin(angle)]
    return values[:count]


def matrix(seed, rows, columns):
    return torch.tensor(normals(seed, rows * columns), dtype=torch.float64).float().reshape(rows, columns)


def optimizers():
    """A linear model 3 -> 2 under MSE on 8 full-batch rows, from set weights: weights after some steps."""
    inputs, targets = matrix(1, 8, 3), matrix(2, 8, 2)
    first = {"weight": matrix(3, 2, 3), "bias": matrix(4, 1, 2)[0]}
    cases = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.05),
        "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.05),
        "adam": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05),
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05),
    }
    result = {"weight": first["weight"].tolist(), "bias": first["bias"].tolist(), "trajectories": {}}
    for name, create in cases.items():
        model = torch.nn.Linear(3, 2)
        model.load_state_dict(first)
        optimizer = create(model.parameters())
        after = {}
        for step in range(1, 21):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
            if step in (1, 2, 5, 20):
                after[step] = {"weight": model.weight.tolist(), "bias": model.bias.tolist()}
        result["trajectories"][name] = after
    return result


def worked_example(seed=4):
    """The MLP 10 -> 20 -> 10 on 1000 rows: training loss of some of the 1000 full-batch epochs, before each one's step.

    With targets that are noise, most seeds' trajectories are chaotic: rounding moves a unit over ReLU's kink, and PyTorch's own
    run in double precision ends up to 7e-4 away. This seed's two runs agree, so that its losses can be asked of another program.
    """
    torch.set_num_threads(1)
    initial, losses = run_worked_example(seed, torch.float32)
    _, doubles = run_worked_example(seed, torch.float64)
    assert all(abs(losses[epoch] - doubles[epoch]) < 5e-6 for epoch in losses), (losses, doubles)
    return {"seed": seed, "parameters": initial, "losses": losses}


def run_worked_example(seed, precision):
    inputs, targets = matrix(11, 1000, 10).to(precision), matrix(12, 1000, 10).to(precision)
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(10, 20), torch.nn.ReLU(), torch.nn.Linear(20, 10))
    initial = [parameter.flatten().tolist() for parameter in model.parameters()]
    model.to(precision)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    losses = {}
    for epoch in range(1, 1001):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        if epoch in (1, 10, 100, 250, 500, 750, 1000):
            losses[epoch] = loss.item()
    return initial, losses


for name, value in (("optimizers", optimizers()), ("worked-example", worked_example())):
    (FOLDER / f"{name}.json").write_text(json.dumps(value) + "\n")
