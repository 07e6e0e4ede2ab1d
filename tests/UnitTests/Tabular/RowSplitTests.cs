using CsCheck;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class RowSplitTests
{
    private static readonly SplitPart[] Parts = Enum.GetValues<SplitPart>();

    [Theory]
    [InlineData(150, 0.7, 0.15, 0.15, 105, 23, 22)]
    [InlineData(344, 0.7, 0.15, 0.15, 241, 52, 51)]
    [InlineData(10, 0.7, 0.15, 0.15, 7, 2, 1)]
    [InlineData(100, 0.29, 0.01, 0.7, 29, 1, 70)]
    [InlineData(7, 0.5, 0, 0.5, 4, 0, 3)]
    [InlineData(1_100, 800, 200, 100, 800, 200, 100)]
    public void Make_FractionsOrCounts_HasTheSizesByLargestRemainder(int rows, double train, double validation, double test, int trainRows, int validationRows, int testRows)
    {
        var split = RowSplit.Make(Regression(rows), new SplitSpec { Train = train, Validation = validation, Test = test }, ["x"], TaskKind.Regression);

        Parts.Select(part => split.Rows(part).Length).ShouldBe([trainRows, validationRows, testRows]);
    }

    [Theory]
    [InlineData(0.7, 0.15, 0.15, 3, "split.test: 0.15 of 3 rows is not one row; at least one is accepted")]
    [InlineData(0.5, 0.05, 0.45, 3, "split.validation: 0.05 of 3 rows is not one row; at least one is accepted")]
    [InlineData(0.05, 0, 0.95, 3, "split.train: 0.05 of 3 rows is not one row; at least one is accepted")]
    [InlineData(0.95, 0, 0.05, 3, "split.test: 0.05 of 3 rows is not one row; at least one is accepted")]
    [InlineData(2, 1, 1, 3, "split: train, validation and test are 2, 1 and 1, together 4; the table has 3 rows, and counts with that sum are accepted")]
    public void Make_PartWithoutRowsOrWrongSum_FaultNamesTheField(double train, double validation, double test, int rows, string message)
    {
        Should.Throw<Fault>(() => RowSplit.Make(Regression(rows), new SplitSpec { Train = train, Validation = validation, Test = test }, ["x"], TaskKind.Regression))
            .Message.ShouldBe(message);
    }

    [Fact]
    public void Make_IrisStratified_KeepsTheThirds()
    {
        var table = Csv.Sample("iris");

        var split = RowSplit.Make(table, new SplitSpec { Stratify = true }, ["class"], TaskKind.Classification);

        // 50 rows a class: exactly 35 in train, 7.5 in each of the others, and 23 + 22 of these in all.
        var sizes = Sizes(split, table["class"]);
        sizes[(int)SplitPart.Train].ShouldBe([35, 35, 35]);
        sizes[(int)SplitPart.Validation].Order().ShouldBe([7, 8, 8]);
        sizes[(int)SplitPart.Test].Order().ShouldBe([7, 7, 8]);
    }

    [Theory]
    [InlineData("iris", "class")]
    [InlineData("penguins", "species")]
    [InlineData("digits", "class")]
    public void Make_SamplesStratified_KeepsSharesWithinOneRow(string name, string target)
    {
        var table = Csv.Sample(name);
        var split = RowSplit.Make(table, new SplitSpec { Stratify = true, Seed = 3 }, [target], TaskKind.Classification);

        KeepsShares(split, table[target]);
    }

    [Fact]
    public void Make_RareClassThatFits_StandsInTrainAndTest()
    {
        // 3 × 0.15 is 0.45 in validation and in test, and one row is to be had: it goes to the test.
        var table = Classification([47, 50, 3]);

        for (var seed = 0; seed < 20; seed++)
        {
            var sizes = Sizes(RowSplit.Make(table, new SplitSpec { Stratify = true, Seed = seed }, ["y"], TaskKind.Classification), table["y"]);
            sizes[(int)SplitPart.Train][2].ShouldBe(2);
            sizes[(int)SplitPart.Test][2].ShouldBe(1);
        }
    }

    [Fact]
    public void Make_ClassOfOneRow_FaultNamesIt()
    {
        var fault = Should.Throw<Fault>(() => RowSplit.Make(Classification([49, 50, 1]), new SplitSpec { Stratify = true }, ["y"], TaskKind.Classification));

        fault.Message.ShouldBe("y: class 'c2' has 1 of 100 rows, too few to stand in train (70) and in test (15) by its share; more rows of it, larger parts, or split.stratify false are accepted");
        RowSplit.Make(Classification([49, 50, 1]), new SplitSpec { Stratify = false }, ["y"], TaskKind.Classification).Count.ShouldBe(100);
    }

    [Fact]
    public void Make_MoreClassesThanTestRows_FaultNamesThem()
    {
        var fault = Should.Throw<Fault>(() => RowSplit.Make(Classification([3, 3, 3, 3, 3, 3]), new SplitSpec { Stratify = true }, ["y"], TaskKind.Classification));

        fault.Problems.Count.ShouldBe(6);
    }

    [Fact]
    public void Make_MissingClass_FaultNamesTheRow()
    {
        var table = Csv.Read("y,x\na,1\n,1\nb,1\n");

        Should.Throw<Fault>(() => RowSplit.Make(table, new SplitSpec { Train = 1, Validation = 1, Test = 1, Stratify = true }, ["y"], TaskKind.Classification))
            .Message.ShouldBe("y, row 2: the target is missing; a class in every row is accepted");
    }

    [Fact]
    public void Make_AnyClasses_EveryRowOnceSizesAsAskedSharesWithinOne()
    {
        Gen.Select(Gen.Int[7, 60].Array[1, 12], Gen.Int[0, 1_000], Gen.Double[0.2, 0.6], Gen.Double[0.15, 0.3]).Sample((classSizes, seed, train, test) =>
        {
            var table = Classification(classSizes);
            var spec = new SplitSpec { Train = train, Validation = 1 - train - test, Test = test, Stratify = true, Seed = seed };

            var split = RowSplit.Make(table, spec, ["y"], TaskKind.Classification);

            Parts.SelectMany(split.Rows).Order().ShouldBe(Enumerable.Range(0, table.Rows));
            foreach (var (part, fraction) in Parts.Zip([spec.Train, spec.Validation, spec.Test]))
                Math.Abs(split.Rows(part).Length - fraction * table.Rows).ShouldBeLessThan(1 + 1e-6);
            KeepsShares(split, table["y"]);
        }, seed: "0N0XIzNsQ0O2", iter: 300);
    }

    [Fact]
    public void Make_SameSeed_SameSplitWhateverTheColumns_AnotherSeedAnother()
    {
        Gen.Select(Gen.Int[20, 60].Array[2, 5], Gen.Int[0, int.MaxValue - 1], Gen.Bool).Sample((classSizes, seed, stratify) =>
        {
            var table = Classification(classSizes);
            var turned = new Table([.. table.Columns.Reverse()]);
            var spec = new SplitSpec { Seed = seed, Stratify = stratify };

            var split = RowSplit.Make(table, spec, ["y"], TaskKind.Classification).ToBytes();

            RowSplit.Make(turned, spec, ["y"], TaskKind.Classification).ToBytes().ShouldBe(split);
            RowSplit.Make(table, spec with { Seed = seed + 1 }, ["y"], TaskKind.Classification).ToBytes().ShouldNotBe(split);
        }, seed: "0N0XIzNsQ0O2", iter: 100);
    }

    [Fact]
    public void Bytes_OfASplit_ReadBack()
    {
        var split = RowSplit.Make(Regression(20), new SplitSpec(), ["x"], TaskKind.Regression);

        var again = RowSplit.FromBytes(split.ToBytes());

        Enumerable.Range(0, 20).Select(row => again[row]).ShouldBe(Enumerable.Range(0, 20).Select(row => split[row]));
        Should.Throw<Fault>(() => RowSplit.FromBytes([0, 1, 3])).ToString().ShouldContain("split, row 3: a stored split says 3; 0, 1 and 2 are its parts");
    }

    [Fact]
    public void SplitPart_StoredValues_StayAsTheyAre()
    {
        Parts.Select(part => ($"{part}", (byte)part)).ShouldBe([("Train", (byte)0), ("Validation", (byte)1), ("Test", (byte)2)]);
    }

    [Fact]
    public void Make_SplitOfASeed_StaysAsItIsAcrossVersions()
    {
        var split = RowSplit.Make(Regression(20), new SplitSpec { Seed = 42 }, ["x"], TaskKind.Regression);

        // By tests/oracles/row_split.py.
        string.Concat(split.ToBytes()).ShouldBe("10020200000001200100");
    }

    [Fact]
    public void Make_Groups_StayTogetherInSizesWithinTheLargest()
    {
        Gen.Select(Gen.Int[1, 20].Array[3, 30], Gen.Int[0, 1_000], Gen.Double[0.2, 0.6], Gen.Double[0.15, 0.3]).Sample((groupSizes, seed, train, test) =>
        {
            var table = Classification(groupSizes);
            var spec = new SplitSpec { Train = train, Validation = 1 - train - test, Test = test, Group = "y", Seed = seed };

            var split = RowSplit.Make(table, spec, ["x"], TaskKind.Regression);

            var groups = ClassTarget.Of(table["y"]).Codes.ToArray();
            groups.Index().GroupBy(row => row.Item, row => split[row.Index]).ShouldAllBe(group => group.Distinct().Count() == 1);
            foreach (var (part, fraction) in Parts.Zip([spec.Train, spec.Validation, spec.Test]))
            {
                split.Rows(part).ShouldNotBeEmpty();
                // Where groups are few, each part has at least one whatever its size.
                if (groupSizes.Length > 12)
                    (split.Rows(part).Length - fraction * table.Rows).ShouldBeLessThan(groupSizes.Max() + 1);
            }
        }, seed: "0N0XIzNsQ0O2", iter: 300);
    }

    [Fact]
    public void Make_GroupsAndSeed_AnotherSeedIsAnotherSplit()
    {
        var table = Classification([.. Enumerable.Repeat(5, 20)]);
        RowSplit Of(int seed) => RowSplit.Make(table, new SplitSpec { Group = "y", Seed = seed }, ["x"], TaskKind.Regression);

        Of(1).ToBytes().ShouldBe(Of(1).ToBytes());
        Of(1).ToBytes().ShouldNotBe(Of(2).ToBytes());
        Of(1).Rows(SplitPart.Train).Length.ShouldBe(70);
    }

    [Theory]
    [InlineData("3,1,2,5,4,9,8,7,6,0", 0.7, 0.1, "0000022100")]
    [InlineData("1,1,1,1,1,2,2,2,2,2", 0.7, 0, "0000022222")] // A cut within a moment moves to its first row.
    [InlineData("2026-03-01,2025-12-31,2026-01-15,2026-02-01", 0.5, 0.25, "2001")]
    public void Make_Times_TrainsOnTheEarliestAndTestsOnTheLatest(string moments, double train, double validation, string parts)
    {
        var split = RowSplit.Make(Times(moments), new SplitSpec { Train = train, Validation = validation, Test = 1 - train - validation, Time = "when" }, ["x"], TaskKind.Regression);

        string.Concat(split.ToBytes()).ShouldBe(parts);
    }

    [Theory]
    [InlineData("1,1,2,2,2", "split.time: 2 moments in 'when' leave split.validation no row of its own; more moments, or a larger part, are accepted")]
    [InlineData("1,,2,3,4", "when, row 2: the time is missing; a value in every row is accepted")]
    public void Make_TimesThatCannotBeCut_SayWhy(string moments, string message) =>
        Should.Throw<Fault>(() => RowSplit.Make(Times(moments), new SplitSpec { Train = 0.4, Validation = 0.2, Test = 0.4, Time = "when" }, ["x"], TaskKind.Regression)).Message.ShouldBe(message);

    [Theory]
    [InlineData("1,1,1,2,2", "split.group: 3 parts are not accepted for 2 groups in 'when'; at least as many groups are")]
    [InlineData("1,2,3,4,", "when, row 5: the group is missing; a value in every row is accepted")]
    public void Make_GroupsThatCannotBeDealt_SayWhy(string groups, string message) =>
        Should.Throw<Fault>(() => RowSplit.Make(Times(groups), new SplitSpec { Train = 0.4, Validation = 0.2, Test = 0.4, Group = "when" }, ["x"], TaskKind.Regression)).Message.ShouldBe(message);

    private static Table Times(string moments) => Csv.Read("x,when\n" + string.Concat(moments.Split(',').Select((moment, row) => $"{row},{moment}\n")));

    private static void KeepsShares(RowSplit split, Column target)
    {
        var counts = ClassTarget.Of(target).Counts();
        var sizes = Sizes(split, target);
        foreach (var part in Parts)
            for (var i = 0; i < counts.Length; i++)
                Math.Abs(sizes[(int)part][i] - (double)counts[i] * split.Rows(part).Length / split.Count).ShouldBeLessThan(1);
    }

    // Rows of each class, by part.
    private static int[][] Sizes(RowSplit split, Column target) =>
        [.. Parts.Select(part => ClassTarget.Of(target.Select(split.Rows(part))).Counts())];

    private static Table Regression(int rows) => new([new NumericColumn("x", [.. Enumerable.Range(0, rows).Select(row => (double)row)])]);

    private static Table Classification(int[] classSizes)
    {
        // Rows of the classes in turns, so that no class is in one stretch.
        var codes = Enumerable.Range(0, classSizes.Max()).SelectMany(turn => Enumerable.Range(0, classSizes.Length).Where(i => turn < classSizes[i])).ToArray();
        var levels = Enumerable.Range(0, classSizes.Length).Select(i => $"c{i}").ToArray();
        var order = levels.Order(StringComparer.Ordinal).ToArray();
        return new Table([
            new CategoricalColumn("y", Array.ConvertAll(codes, code => Array.IndexOf(order, levels[code])), order),
            new NumericColumn("x", [.. codes.Select((_, row) => (double)row)]),
        ]);
    }
}
