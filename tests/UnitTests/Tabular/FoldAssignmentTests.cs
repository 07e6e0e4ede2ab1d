using CsCheck;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

// Sizes: tests/oracles/folds.py.
public sealed class FoldAssignmentTests
{
    private const string Seed = "0N0XIzNsQ0O2";

    [Theory]
    [InlineData(10, 3, new[] { 4, 3, 3 })]
    [InlineData(23, 5, new[] { 5, 5, 5, 4, 4 })]
    [InlineData(7, 7, new[] { 1, 1, 1, 1, 1, 1, 1 })]
    public void Make_KFold_HasScikitLearnsSizes(int rows, int folds, int[] sizes)
    {
        var assignment = Make(Numbers(rows), AllTrain(rows), Spec(CrossValidationMethod.KFold, folds));
        FoldsOf(folds).Select(fold => assignment.Rows(fold).HeldOut.Length).ShouldBe(sizes);
    }

    [Theory]
    [InlineData(new[] { 7, 8, 5 }, 5, "2 1 1|2 1 1|1 2 1|1 2 1|1 2 1")]
    [InlineData(new[] { 10, 3 }, 3, "4 1|3 1|3 1")]
    [InlineData(new[] { 6, 6, 6 }, 4, "2 1 2|2 1 2|1 2 1|1 2 1")]
    public void Make_Stratified_HasScikitLearnsSizesOfEachClass(int[] classes, int folds, string sizes)
    {
        var table = Classes(classes);
        var assignment = Make(table, AllTrain(table.Rows), Spec(CrossValidationMethod.Stratified, folds, task: TaskKind.Classification));
        var codes = ClassTarget.Of(table["y"]).Codes.ToArray();
        FoldsOf(folds).Select(fold => string.Join(' ', classes.Select((_, code) => assignment.Rows(fold).HeldOut.Count(row => codes[row] == code))))
            .ShouldBe(sizes.Split('|'));
    }

    [Theory]
    [InlineData(6, 5, new[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(13, 3, new[] { 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3 })]
    [InlineData(20, 4, new[] { 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4 })]
    public void Make_TimeOrderedRowsInAnyOrder_HoldsOutWhatTimeSeriesSplitDoes(int rows, int folds, int[] foldsByTime)
    {
        double[] moments = [.. Enumerable.Range(0, rows).Select(row => (double)row)];
        new SeededRandom(3).Shuffle(moments.AsSpan());
        var table = new Table([new NumericColumn("x", new double[rows]), new NumericColumn("when", moments), new NumericColumn("y", moments)]);

        var assignment = Make(table, AllTrain(rows), Spec(CrossValidationMethod.TimeOrdered, folds, time: "when"));

        Enumerable.Range(0, rows).OrderBy(row => moments[row]).Select(row => assignment[row]).ShouldBe(foldsByTime);
        foreach (var fold in FoldsOf(folds))
            assignment.Rows(fold).Train.Order().ShouldBe(Enumerable.Range(0, rows).Where(row => foldsByTime[(int)moments[row]] < fold));
    }

    [Fact]
    public void Make_StratifiedOrKFold_HoldsOutEachTrainingRowOncePerRepeatAndFitsOnTheOthers()
    {
        Gen.Select(Gen.Int[8, 40].Array[2, 6], Gen.Int[2, 8], Gen.Int[0, 1_000], Gen.Bool).Sample((classes, folds, seed, stratified) =>
        {
            var table = Classes(classes);
            var split = SomeSplit(table.Rows, seed, classes);
            var spec = Spec(stratified ? CrossValidationMethod.Stratified : CrossValidationMethod.KFold, folds, seed, repeats: 2, task: TaskKind.Regression);
            var codes = ClassTarget.Of(table["y"]).Codes.ToArray();
            foreach (var repeat in new[] { 1, 2 })
            {
                var parts = PartsOf(table, split, spec, repeat);
                parts.SelectMany(part => part.HeldOut).Order().ShouldBe(split.Rows(SplitPart.Train));
                foreach (var part in parts)
                {
                    part.Train.Concat(part.HeldOut).Order().ShouldBe(split.Rows(SplitPart.Train));
                    part.Validation.ShouldBe(split.Rows(SplitPart.Validation));
                }
                Spread(parts.Select(part => part.HeldOut.Length)).ShouldBeLessThanOrEqualTo(1);
                for (var code = 0; stratified && code < classes.Length; code++)
                    Spread(parts.Select(part => part.HeldOut.Count(row => codes[row] == code))).ShouldBeLessThanOrEqualTo(1);
            }
        }, seed: Seed, iter: 200);
    }

    [Fact]
    public void Make_Grouped_NoGroupStandsOnBothSidesAndFoldsDifferByOneGroupAtMost()
    {
        Gen.Select(Gen.Int[1, 20].Array[8, 30], Gen.Int[2, 8], Gen.Int[0, 1_000]).Sample((groups, folds, seed) =>
        {
            var table = Classes(groups, "patient");
            var split = SomeSplit(table.Rows, seed, groups);
            var codes = ClassTarget.Of(table["patient"]).Codes.ToArray();
            var parts = PartsOf(table, split, Spec(CrossValidationMethod.Grouped, folds, seed, group: "patient"), 1);
            parts.SelectMany(part => part.HeldOut).Order().ShouldBe(split.Rows(SplitPart.Train));
            foreach (var part in parts)
            {
                part.Train.Concat(part.HeldOut).Order().ShouldBe(split.Rows(SplitPart.Train));
                part.Train.Concat(part.Validation).Select(row => codes[row]).Intersect(part.HeldOut.Select(row => codes[row])).ShouldBeEmpty();
                part.HeldOut.ShouldNotBeEmpty();
            }
            Spread(parts.Select(part => part.HeldOut.Length)).ShouldBeLessThanOrEqualTo(split.Rows(SplitPart.Train).CountBy(row => codes[row]).Max(group => group.Value));
        }, seed: Seed, iter: 200);
    }

    [Fact]
    public void Make_TimeOrderedWithEqualMoments_IsFittedOnThePastAlone()
    {
        Gen.Select(Gen.Int[0, 30].Array[60, 120], Gen.Int[2, 5], Gen.Int[0, 1_000]).Sample((moments, folds, seed) =>
        {
            var table = new Table([new NumericColumn("x", new double[moments.Length]), new NumericColumn("when", [.. moments.Select(moment => (double)moment)]), new NumericColumn("y", new double[moments.Length])]);
            var split = SomeSplit(moments.Length, seed, [moments.Length]);
            var held = new HashSet<int>();
            foreach (var part in PartsOf(table, split, Spec(CrossValidationMethod.TimeOrdered, folds, time: "when"), 1))
            {
                part.Train.Concat(part.Validation).Max(row => moments[row]).ShouldBeLessThan(part.HeldOut.Min(row => moments[row]));
                part.HeldOut.ShouldAllBe(row => held.Add(row));
            }
        }, seed: Seed, iter: 200);
    }

    [Fact]
    public void Make_Texts_AreTakenInTheirOrdinalOrder()
    {
        var table = Csv.Read("x,y,day\n1,1,2026-03-01\n2,2,2026-01-02\n3,3,2026-02-03\n", ("day", ColumnUse.Categorical));
        var assignment = Make(table, AllTrain(3), Spec(CrossValidationMethod.TimeOrdered, 2, time: "day"));
        Enumerable.Range(0, 3).Select(row => assignment[row]).ShouldBe([2, 0, 1]);
    }

    [Theory]
    [InlineData(CrossValidationMethod.KFold)]
    [InlineData(CrossValidationMethod.Stratified)]
    [InlineData(CrossValidationMethod.Grouped)]
    public void Make_SameSeed_IsTheSame_AnotherSeedOrRepeatIsAnother(CrossValidationMethod method)
    {
        var table = Classes([30, 30, 30, 30, 30, 30, 30, 30, 30, 30]);
        var (first, other) = (Spec(method, 5, seed: 7, repeats: 3, group: "y"), Spec(method, 5, seed: 8, repeats: 3, group: "y"));
        int[] Of(PipelineSpec spec, int repeat)
        {
            var assignment = Make(table, AllTrain(table.Rows), spec, repeat);
            return [.. Enumerable.Range(0, table.Rows).Select(row => assignment[row])];
        }

        Of(first, 1).ShouldBe(Of(first, 1));
        int[][] all = [Of(first, 1), Of(first, 2), Of(first, 3), Of(other, 1), Of(other, 2)];
        all.Select(folds => string.Join(' ', folds)).Distinct().Count().ShouldBe(all.Length);
    }

    [Fact]
    public void Make_FewerRowsThanFolds_SaysHowManyThereAre()
    {
        FaultOf(Numbers(4), AllTrain(4), Spec(CrossValidationMethod.KFold, 5)).ShouldBe("crossValidation.folds: 5 folds are not accepted for 4 training rows; with at least 5 they are");
        FaultOf(Numbers(5), AllTrain(5), Spec(CrossValidationMethod.TimeOrdered, 5, time: "x")).ShouldBe("crossValidation.folds: 5 folds are not accepted for 5 training rows; with at least 6 they are");
    }

    [Fact]
    public void Make_ClassWithFewerRowsThanFolds_NamesEachSuchClass() =>
        FaultOf(Classes([9, 2, 9, 3]), AllTrain(23), Spec(CrossValidationMethod.Stratified, 4, task: TaskKind.Classification)).ShouldBe(
            "crossValidation.folds: 4 folds are not accepted for class 'c1' with 2 training rows; a training row of each class for each fold, or method k-fold, is; "
            + "crossValidation.folds: 4 folds are not accepted for class 'c3' with 3 training rows; a training row of each class for each fold, or method k-fold, is");

    [Fact]
    public void Make_FewerGroupsThanFolds_SaysHowManyThereAre() =>
        FaultOf(Classes([9, 9, 9], "patient"), AllTrain(27), Spec(CrossValidationMethod.Grouped, 4, group: "patient"))
            .ShouldBe("crossValidation.folds: 4 folds are not accepted for 3 groups in the training rows' 'patient'; with at least 4 they are");

    [Fact]
    public void Make_TooFewMoments_SaysHowManyThereAre()
    {
        var table = new Table([new NumericColumn("x", [1, 1, 1, 1, 2, 2]), new NumericColumn("y", [1, 2, 3, 4, 5, 6])]);
        FaultOf(table, AllTrain(6), Spec(CrossValidationMethod.TimeOrdered, 3, time: "x"))
            .ShouldBe("crossValidation.folds: 3 folds are not accepted for 2 moments in the training rows' 'x', which leave a fold no row or no earlier one; fewer folds, or more moments, are");
    }

    [Theory]
    [InlineData(CrossValidationMethod.Grouped, "group")]
    [InlineData(CrossValidationMethod.TimeOrdered, "time")]
    public void Make_RowWithoutGroupOrTime_NamesColumnAndRow(CrossValidationMethod method, string what)
    {
        var table = new Table([new NumericColumn("x", [1, double.NaN, 3, 4, 5, 6]), new NumericColumn("y", [1, 2, 3, 4, 5, 6])]);
        FaultOf(table, AllTrain(6), Spec(method, 2, group: "x", time: "x")).ShouldBe($"x, row 2: the {what} is missing; a value in every row is accepted");
    }

    [Fact]
    public void Make_ClassThatStandsInOneFoldAlone_SaysThatNothingIsLeftToLearnItFrom()
    {
        var table = Csv.Read("x,y,patient\n1,a,p\n2,b,p\n3,a,q\n4,a,q\n", ("patient", ColumnUse.Categorical));
        FaultOf(table, AllTrain(4), Spec(CrossValidationMethod.Grouped, 2, group: "patient", task: TaskKind.Classification))
            .ShouldMatch("crossValidation.method: fold [12] has no row of class 'b' to learn from; a method, seed or number of folds that leaves every fold one is accepted");
    }

    [Fact]
    public void Make_EarlyStoppingWithoutAnEarlierValidationRow_NamesTheFold()
    {
        var spec = Spec(CrossValidationMethod.TimeOrdered, 2, time: "x") with { Split = new SplitSpec { Train = 0.8, Validation = 0.1, Test = 0.1 } };
        FaultOf(Numbers(6), AllTrain(6), spec with { Training = new TrainingSpec() }).ShouldStartWith("crossValidation.folds: fold 1 has no validation row for early stopping that is earlier; ");
        Make(Numbers(6), AllTrain(6), spec).Rows(2).Validation.ShouldBeEmpty();
    }

    [Fact]
    public void Make_TimeOrdered_ValidatesOnTheLatestOfTheEarlierRows()
    {
        var spec = Spec(CrossValidationMethod.TimeOrdered, 2, time: "x") with { Split = new SplitSpec { Train = 0.6, Validation = 0.2, Test = 0.2 }, Training = new TrainingSpec() };
        var rows = Make(Numbers(15), RowSplit.FromBytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2]), spec);
        rows.Rows(1).ShouldSatisfyAllConditions(fold => fold.Train.ShouldBe([0, 1, 2]), fold => fold.Validation.ShouldBe([3]), fold => fold.HeldOut.ShouldBe([4, 5, 6, 7]));
        rows.Rows(2).ShouldSatisfyAllConditions(fold => fold.Train.ShouldBe([0, 1, 2, 3, 4, 5]), fold => fold.Validation.ShouldBe([6, 7]), fold => fold.HeldOut.ShouldBe([8, 9, 10, 11]));
    }

    [Fact]
    public void Make_EarlierRowsOfOneMoment_LeavesNoneToLearnFrom()
    {
        var table = new Table([new NumericColumn("x", [1, 1, 1, 1, 2, 3, 4, 5]), new NumericColumn("y", [1, 2, 3, 4, 5, 6, 7, 8])]);
        FaultOf(table, AllTrain(8), Spec(CrossValidationMethod.TimeOrdered, 2, time: "x") with { Split = new SplitSpec() })
            .ShouldBe("crossValidation.folds: fold 1 has no row to learn from that is earlier than its validation rows; fewer folds, more moments, or a smaller split.validation, are accepted");
    }

    private static FoldAssignment Make(Table table, RowSplit split, PipelineSpec spec, int repeat = 1) => FoldAssignment.Make(table, split, spec, repeat);

    private static string FaultOf(Table table, RowSplit split, PipelineSpec spec) => Should.Throw<Fault>(() => FoldAssignment.Check(table, split, spec)).Message;

    private static List<FoldRows> PartsOf(Table table, RowSplit split, PipelineSpec spec, int repeat)
    {
        var assignment = Make(table, split, spec, repeat);
        return [.. FoldsOf(spec.CrossValidation!.Folds).Select(assignment.Rows)];
    }

    private static IEnumerable<int> FoldsOf(int folds) => Enumerable.Range(1, folds);

    private static int Spread(IEnumerable<int> sizes)
    {
        var all = sizes.ToList();
        return all.Max() - all.Min();
    }

    private static PipelineSpec Spec(
        CrossValidationMethod method, int folds, int seed = 42, int repeats = 1, string? group = null, string? time = null, TaskKind task = TaskKind.Regression) => new()
        {
            Name = "data",
            Task = task,
            Target = ["y"],
            Split = new SplitSpec { Train = 0.8, Validation = 0, Test = 0.2 },
            Training = new TrainingSpec { EarlyStopping = null },
            CrossValidation = new CrossValidationSpec { Method = method, Folds = folds, Seed = seed, Repeats = repeats, Group = group, Time = time },
        };

    private static RowSplit AllTrain(int rows) => RowSplit.FromBytes(new byte[rows]);

    /// <summary>Some of each block's rows after the first eight are validation rows, and some test rows.</summary>
    private static RowSplit SomeSplit(int rows, int seed, int[] blocks)
    {
        var (parts, random, row) = (new byte[rows], new SeededRandom(seed), 0);
        foreach (var block in blocks)
            for (var place = 0; place < block; place++)
                parts[row++] = place < 8 ? (byte)0 : (byte)Math.Max(0, random.NextInt(6) - 3);
        return RowSplit.FromBytes(parts);
    }

    private static Table Numbers(int rows) => new([
        new NumericColumn("x", [.. Enumerable.Range(0, rows).Select(row => (double)row)]),
        new NumericColumn("y", [.. Enumerable.Range(0, rows).Select(row => row * 2.0)]),
    ]);

    /// <summary>So many rows of each of the classes c0, c1 …</summary>
    private static Table Classes(int[] sizes, string name = "y")
    {
        int[] codes = [.. sizes.SelectMany((size, code) => Enumerable.Repeat(code, size))];
        string[] levels = [.. sizes.Select((_, code) => $"c{code:00}")];
        if (sizes.Length <= 10)
            levels = [.. sizes.Select((_, code) => $"c{code}")];
        var column = new CategoricalColumn(name, codes, levels);
        double[] numbers = [.. codes.Select((_, row) => (double)row)];
        return name == "y" ? new Table([new NumericColumn("x", numbers), column]) : new Table([column, new NumericColumn("y", numbers)]);
    }
}
