using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class SeededRandomTests
{
    // The outputs that are published for this seed with the reference implementation by S. Vigna.
    private static readonly ulong[] Published =
        [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];

    [Fact]
    public void NextUInt64_PublishedSeed_GivesPublishedOutputs()
    {
        var random = new SeededRandom(1_234_567);

        Published.Select(_ => random.NextUInt64()).ShouldBe(Published);
    }

    [Fact]
    public void NextInt_PublishedSeed_IsTheHighPartOfTheProduct()
    {
        var random = new SeededRandom(1_234_567);

        // 6 × output ÷ 2⁶⁴, by hand: 2.1, 1.0, 3.2, 1.5, 5.3.
        Published.Select(_ => random.NextInt(6)).ShouldBe([2, 1, 3, 1, 5]);
    }

    [Fact]
    public void NextInt_ManyDice_EachFaceAsOften()
    {
        var random = new SeededRandom(7);
        var faces = new int[6];
        for (var i = 0; i < 60_000; i++)
            faces[random.NextInt(6)]++;

        // Five standard deviations of a binomial count are 456.
        faces.ShouldAllBe(count => Math.Abs(count - 10_000) < 456);
    }

    [Fact]
    public void NextInt_BoundOfOne_IsZero()
    {
        new SeededRandom(1).NextInt(1).ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => new SeededRandom(1).NextInt(0));
    }

    [Fact]
    public void NextDouble_PublishedSeed_IsTheOutputAsAFraction()
    {
        var random = new SeededRandom(1_234_567);

        foreach (var output in Published)
            random.NextDouble().ShouldBe(output / Math.Pow(2, 64), 1e-15);
    }

    [Fact]
    public void NextGaussian_ManyDraws_HaveTheMomentsOfTheNormalDistribution()
    {
        var random = new SeededRandom(11);
        var draws = Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian()).ToArray();

        // Bounds of five standard errors.
        draws.Average().ShouldBe(0, 0.0112);
        draws.Average(x => x * x).ShouldBe(1, 0.0159);
        draws.Average(x => x * x * x).ShouldBe(0, 0.0434);
        draws.Average(x => x * x * x * x).ShouldBe(3, 0.11);
        // The share beyond 1.959964 is 5 %.
        draws.Average(x => Math.Abs(x) > 1.959964 ? 1.0 : 0).ShouldBe(0.05, 0.0025);
    }

    [Fact]
    public void Shuffle_ManyTimes_ReachesEveryOrderAsOften()
    {
        var random = new SeededRandom(3);
        var orders = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            random.Shuffle(items.AsSpan());
            var order = new string(items);
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        orders.Count.ShouldBe(24);
        // Five standard deviations of a binomial count are 155.
        orders.Values.ShouldAllBe(count => Math.Abs(count - 1_000) < 155);
    }
}
