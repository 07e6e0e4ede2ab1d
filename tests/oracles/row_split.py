"""The split of RowSplitTests, written a second time: SplitMix64, Lemire's bounded integers, Fisher and Yates."""
MASK = (1 << 64) - 1


def split_mix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def below(bits, bound):
    while True:
        product = next(bits) * bound
        if product & MASK >= (1 << 64) % bound:
            return product >> 64


def split(sizes, seed):
    rows = list(range(sum(sizes)))
    bits = split_mix(seed)
    for last in range(len(rows) - 1, 0, -1):
        other = below(bits, last + 1)
        rows[last], rows[other] = rows[other], rows[last]
    part_of = [None] * len(rows)
    for place, row in enumerate(rows):
        part_of[row] = 0 if place < sizes[0] else 1 if place < sizes[0] + sizes[1] else 2
    return "".join(map(str, part_of))


print(split([14, 3, 3], 42))
