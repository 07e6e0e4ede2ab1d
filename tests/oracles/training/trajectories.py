"""Values that PyTorch computes, for tests/UnitTests/Training. Written with PyTorch 1.13:

    python3 tests/oracles/training/trajectories.py [name …]
"""
import json
import math
import pathlib
import sys

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


def optimizers(precision):
    """A linear model 3 -> 2 under MSE on 8 full-batch rows, from set weights: weights after some steps."""
    torch.set_default_dtype(precision)
    inputs, targets = matrix(1, 8, 3).to(precision), matrix(2, 8, 2).to(precision)
    first = {"weight": matrix(3, 2, 3).to(precision), "bias": matrix(4, 1, 2)[0].to(precision)}
    adam = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.05}
    optim = torch.optim
    cases = {
        "sgd": lambda p: optim.SGD(p, lr=0.1, weight_decay=0.05),
        "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.05),
        "nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.05),
        "adam": lambda p: optim.Adam(p, **adam),
        "adamw": lambda p: optim.AdamW(p, **adam),
        # The other implementation in PyTorch 1.13 multiplies the momentum in twice.
        "nadam": lambda p: optim.NAdam(p, momentum_decay=0.01, foreach=True, **adam),
        "radam": lambda p: optim.RAdam(p, **adam),
        "rmsprop": lambda p: optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, weight_decay=0.05),
        "rmsprop-centered": lambda p: optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-6, weight_decay=0.05, momentum=0.5, centered=True),
        "adagrad": lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.2, eps=1e-6, weight_decay=0.05),
        "lbfgs": lambda p: optim.LBFGS(p, lr=0.5, max_iter=1, history_size=3),
        "clip-value": lambda p: optim.SGD(p, lr=0.1),
        "clip-norm": lambda p: optim.SGD(p, lr=0.1),
        "elastic-net": lambda p: optim.SGD(p, lr=0.1),
        "max-norm": lambda p: optim.SGD(p, lr=0.1),
    }
    result = {"weight": first["weight"].tolist(), "bias": first["bias"].tolist(), "trajectories": {}}
    for name, create in cases.items():
        model = torch.nn.Linear(3, 2).to(precision)
        model.load_state_dict(first)
        optimizer = create(model.parameters())

        def closure():
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(model(inputs), targets)
            if name == "elastic-net":
                loss = loss + 0.3 * (0.6 * model.weight.abs().sum() + 0.4 / 2 * model.weight.square().sum())
            loss.backward()
            if name == "clip-value":
                torch.nn.utils.clip_grad_value_(model.parameters(), 0.25)
            if name == "clip-norm":
                torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            return loss

        after = {}
        for step in range(1, 21):
            optimizer.step(closure)
            if name == "max-norm":
                with torch.no_grad():
                    model.weight.copy_(model.weight.renorm(2, 0, 0.75))
            if step in (1, 2, 5, 20):
                after[step] = {"weight": model.weight.tolist(), "bias": model.bias.tolist()}
        result["trajectories"][name] = after
    torch.set_default_dtype(torch.float32)
    return result


def schedules():
    """Learning rates of 40 steps, 4 an epoch, from PyTorch's schedulers, which are stepped each step or each epoch."""
    lr = torch.optim.lr_scheduler

    def rates(create, every=1, losses=None):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
        schedulers = create(optimizer)
        result = []
        for step in range(40):
            result.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            for scheduler in schedulers:
                if (step + 1) % every == 0:
                    scheduler.step(*([losses[step // every]] if losses else []))
        return result

    # What training brings about: it falls, stays, falls a little, rises.
    losses = [1.0, 0.5, 0.49, 0.5, 0.51, 0.5, 0.4, 0.4, 0.4, 0.4]
    return {
        "losses": losses,
        "step": rates(lambda o: [lr.StepLR(o, 3, 0.5)], every=4),
        "cosine": rates(lambda o: [lr.CosineAnnealingLR(o, 40, eta_min=0.02)]),
        "one-cycle": rates(lambda o: [lr.OneCycleLR(o, 0.2, total_steps=40, pct_start=0.3, div_factor=25, final_div_factor=1e4, cycle_momentum=False)]),
        "reduce-on-plateau": rates(lambda o: [lr.ReduceLROnPlateau(o, factor=0.5, patience=1, threshold=0.05, cooldown=1, min_lr=0.06)], every=4, losses=losses),
        "warm-up": rates(lambda o: [lr.LinearLR(o, start_factor=0.25, total_iters=8)]),
        "warm-up-cosine": rates(lambda o: [lr.LinearLR(o, start_factor=0.25, total_iters=8), lr.CosineAnnealingLR(o, 40)]),
    }


def losses():
    """Losses of 6 rows, and their gradients by the output."""
    functional = torch.nn.functional
    logits, codes = matrix(21, 6, 3), torch.tensor([0, 2, 1, 2, 2, 0])
    single, flags = matrix(22, 6, 1), torch.tensor([0, 1, 1, 0, 1, 0])
    outputs, targets = matrix(23, 6, 2), matrix(24, 6, 2) * 2
    weights = torch.tensor([2.0, 1.0, 0.5])

    def focal(output, gamma, alpha=None):
        # By its definition over probabilities; no library here has it.
        chosen = output.double().softmax(1)[torch.arange(6), codes]
        each = -((1 - chosen) ** gamma) * chosen.log()
        if alpha is None:
            return each.mean()
        return (alpha.double()[codes] * each).sum() / alpha.double()[codes].sum()

    balanced = 6 / (3 * torch.bincount(codes).float())
    cases = {
        "cross-entropy": (logits, lambda o: functional.cross_entropy(o, codes)),
        "cross-entropy-weighted": (logits, lambda o: functional.cross_entropy(o, codes, weight=weights)),
        "cross-entropy-balanced": (logits, lambda o: functional.cross_entropy(o, codes, weight=balanced)),
        "cross-entropy-smoothed": (logits, lambda o: functional.cross_entropy(o, codes, weight=weights, label_smoothing=0.1)),
        "focal": (logits, lambda o: focal(o, 2.0)),
        "focal-weighted": (logits, lambda o: focal(o, 1.5, weights)),
        "binary": (single, lambda o: functional.binary_cross_entropy_with_logits(o[:, 0], flags.float(), pos_weight=torch.tensor(3.0))),
        "mse": (outputs, lambda o: functional.mse_loss(o, targets)),
        "mae": (outputs, lambda o: functional.l1_loss(o, targets)),
        "huber": (outputs, lambda o: functional.huber_loss(o, targets, delta=0.7)),
        "quantile": (outputs, lambda o: pinball(o, targets, 0.9)),
    }
    result = {}
    for name, (output, loss) in cases.items():
        output = output.clone().requires_grad_()
        value = loss(output)
        value.backward()
        result[name] = {"loss": value.item(), "gradient": output.grad.tolist()}
    return result


def pinball(outputs, targets, quantile):
    """scikit-learn's mean_pinball_loss, whose value is checked, with a gradient."""
    from sklearn.metrics import mean_pinball_loss

    over = torch.where(targets >= outputs, quantile * (targets - outputs), (1 - quantile) * (outputs - targets)).mean()
    assert abs(over.item() - mean_pinball_loss(targets.numpy(), outputs.detach().numpy(), alpha=quantile)) < 1e-6
    return over


def worked_example():
    """The MLP 10 -> 20 -> 10 on 1000 rows: training loss of some of the 1000 full-batch epochs, before each one's step.

    Each target is the product of two neighbouring inputs. Many seeds' trajectories are chaotic: rounding moves a unit over ReLU's
    kink, and PyTorch's own run in double precision ends elsewhere. Taken is the first seed from which that run, and runs from weights that are moved
    by rounding's size, all agree, so that its losses can be asked of another program.
    """
    torch.set_num_threads(1)
    for seed in range(1, 20):
        initial, losses = run_worked_example(seed, torch.float32)
        others = [run_worked_example(seed, torch.float64)] + [run_worked_example(seed, torch.float32, moved=index) for index in range(1, 6)]
        if all(abs(losses[epoch] - other[epoch]) < 5e-6 for _, other in others for epoch in losses):
            return {"seed": seed, "parameters": initial, "losses": losses}
    raise AssertionError("every seed is chaotic")


def run_worked_example(seed, precision, moved=0):
    inputs = matrix(11, 1000, 10)
    targets = (inputs.double() * inputs.double().roll(-1, 1)).float().to(precision)
    inputs = inputs.to(precision)
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(10, 20), torch.nn.ReLU(), torch.nn.Linear(20, 10))
    initial = [parameter.flatten().tolist() for parameter in model.parameters()]
    model.to(precision)
    if moved:
        torch.manual_seed(moved)
        for parameter in model.parameters():
            parameter.data.mul_(1 + 1e-7 * torch.randn_like(parameter))
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


def transformer():
    """PyTorch's own encoder layers, normalisation first, on texts of some words and on other numbers of their rows."""
    count = {"words": 11, "length": 6, "width": 8, "heads": 2, "hidden": 12, "layers": 2, "numbers": 2, "outputs": 3}
    tokens = [[3, 5, 10, 2, 7, 4], [9, 1, 0, 0, 0, 0], [6, 6, 2, 8, 0, 0]]
    words = torch.nn.Embedding(count["words"], count["width"])
    places = torch.nn.Embedding(count["length"], count["width"])
    layers = [torch.nn.TransformerEncoderLayer(count["width"], count["heads"], count["hidden"], dropout=0, batch_first=True, norm_first=True) for _ in range(count["layers"])]
    norm = torch.nn.LayerNorm(count["width"])
    output = torch.nn.Linear(count["width"] + count["numbers"], count["outputs"])

    parameters = [words.weight, places.weight]
    for layer in layers:
        attention = layer.self_attn
        parameters += [layer.norm1.weight, layer.norm1.bias, attention.in_proj_weight, attention.in_proj_bias, attention.out_proj.weight, attention.out_proj.bias]
        parameters += [layer.norm2.weight, layer.norm2.bias, layer.linear1.weight, layer.linear1.bias, layer.linear2.weight, layer.linear2.bias]
    parameters += [norm.weight, norm.bias, output.weight, output.bias]
    with torch.no_grad():
        for index, parameter in enumerate(parameters):
            parameter.copy_(torch.tensor(normals(100 + index, parameter.numel())).view(parameter.shape) * 0.5)

    codes = torch.tensor(tokens)
    numbers = torch.tensor(normals(50, len(tokens) * count["numbers"])).float().view(len(tokens), -1)
    there = (codes != 0).float()
    values = words(codes) + places.weight
    for layer in layers:
        values = layer(values, src_key_padding_mask=codes == 0)
    values = norm(values)
    mean = (values * there.unsqueeze(-1)).sum(1) / there.sum(1, keepdim=True)
    logits = output(torch.cat([mean, numbers], 1))
    logits.square().mean().backward()
    gradients = [parameter.grad.flatten().tolist() for parameter in parameters]
    return {**count, "tokens": tokens, "logits": logits.tolist(), "gradients": [[round(value, 9) for value in gradient] for gradient in gradients]}


everything = {
    "optimizers": lambda: {"float": optimizers(torch.float32), "double": optimizers(torch.float64)},
    "schedules": schedules,
    "losses": losses,
    "transformer": transformer,
    "worked-example": worked_example,
}
if __name__ == "__main__":
    for name in sys.argv[1:] or everything:
        (FOLDER / f"{name}.json").write_text(json.dumps(everything[name]()) + "\n")
