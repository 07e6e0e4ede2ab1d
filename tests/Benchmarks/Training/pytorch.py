"""The other side of the training benchmark: the same networks, rows and steps in PyTorch, as its tutorials write them.

Takes tasks as lines of JSON and answers each with a line: the seconds of the epochs alone, and each epoch's loss.
"""
import json
import sys
import time

import torch

torch.set_num_threads(1)


def network(task):
    nn = torch.nn
    layers = []
    width = task["inputs"]
    if task["channels"]:
        side, depth = task["side"], 1
        layers.append(nn.Unflatten(1, (1, side, side)))
        for channels in task["channels"]:
            layers += [nn.Conv2d(depth, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            depth, side = channels, side // 2
        layers.append(nn.Flatten())
        width = depth * side * side
    for units in task["hidden"]:
        layers += [nn.Linear(width, units), nn.ReLU()]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, task["outputs"]))


class TextTransformer(torch.nn.Module):
    """Words and places into PyTorch's own encoder layers, the mean over the words into a linear layer. First weights are drawn in our order."""

    def __init__(self, width, layers, heads, hidden, codes, places, outputs):
        super().__init__()
        nn = torch.nn
        self.words, self.places = nn.Embedding(codes, width), nn.Embedding(places, width)
        with torch.no_grad():
            for vectors in (self.words, self.places):
                vectors.weight.mul_(width ** -0.5)
                vectors.weight[0] = 0
        self.encoder = nn.ModuleList()
        for _ in range(layers):
            drawn = [nn.Linear(width, 3 * width), nn.Linear(width, width), nn.Linear(width, hidden), nn.Linear(hidden, width)]
            state = torch.get_rng_state()
            layer = nn.TransformerEncoderLayer(width, heads, hidden, dropout=0.0, batch_first=True, norm_first=True)
            torch.set_rng_state(state)
            with torch.no_grad():
                layer.self_attn.in_proj_weight.copy_(drawn[0].weight)
                layer.self_attn.in_proj_bias.copy_(drawn[0].bias)
                for module, source in ((layer.self_attn.out_proj, drawn[1]), (layer.linear1, drawn[2]), (layer.linear2, drawn[3])):
                    module.load_state_dict(source.state_dict())
            self.encoder.append(layer)
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, outputs)

    def forward(self, rows):
        tokens = rows.long()
        tokens = tokens[:, : max(1, int((tokens != 0).sum(1).max()))]
        hidden = tokens == 0
        values = self.words(tokens) + self.places.weight[: tokens.shape[1]]
        for layer in self.encoder:
            values = layer(values, src_key_padding_mask=hidden)
        there = (~hidden).float().unsqueeze(-1)
        return self.output((self.norm(values) * there).sum(1) / there.sum(1).clamp(min=1))


def run(task, inputs, targets):
    torch.manual_seed(task["seed"])
    transformer = task["transformer"]
    model = TextTransformer(**transformer, places=task["inputs"], outputs=task["outputs"]) if transformer else network(task)
    optimizer = torch.optim.Adam(model.parameters(), lr=task["rate"])
    loss_of = torch.nn.functional.cross_entropy if task["classes"] else torch.nn.functional.mse_loss
    rows, batch = inputs.shape[0], task["batch"]
    order = torch.Generator().manual_seed(0xFFFFFFFF ^ task["seed"])
    means = []
    start = time.perf_counter()
    for _ in range(task["epochs"]):
        if batch >= rows:
            batches = [(inputs, targets)]
        else:
            permutation = torch.randperm(rows, generator=order)
            batches = zip(inputs[permutation].split(batch), targets[permutation].split(batch))
        total = torch.zeros(())
        for x, y in batches:
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.detach() * x.shape[0]
        means.append(total.item() / rows)
    return time.perf_counter() - start, means


for line in sys.stdin:
    task = json.loads(line)
    with open(task["rows"], "rb") as file:
        inputs = torch.frombuffer(bytearray(file.read(4 * task["count"] * task["inputs"])), dtype=torch.float32).reshape(task["count"], task["inputs"])
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    targets = values.long() if task["classes"] else values.reshape(task["count"], -1)
    seconds, losses = run(task, inputs, targets)
    print(json.dumps({"seconds": seconds, "losses": losses}), flush=True)
