using CsCheck;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Mlops.UnitTests.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Features;

/// <summary>What the graph computes is what training saw, row by row.</summary>
public sealed class FeatureParityTests
{
    // Logarithms and sums of squares may be rounded otherwise; everything else has the same bits.
    private const float Rounded = 1e-6f;

    public static TheoryData<string, string> Samples =>
        new MatrixTheoryData<string, string>(
            ["iris", "penguins", "wine", "digits", "diabetes", "churn", "fine_foods"],
            ["{}", """{ "numeric": "quantile", "encoding": "hash", "buckets": 16 }""", """{ "numeric": "robust", "impute": "median", "encoding": "ordinal" }""", """{ "numeric": "min-max", "impute": "zero", "encoding": "one-hot", "minCount": 1 }"""]);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Graph_OfASample_EncodesEveryRowAsTrainingDid(string name, string preprocessing)
    {
        var table = Csv.Sample(name);
        var target = table.Columns[^1];
        var spec = PipelineSpec.Parse(
            $$"""{ "task": "{{(target.Type == ColumnType.Numeric && name == "diabetes" ? "regression" : "classification")}}", "target": "{{target.Name}}", "preprocessing": {{preprocessing}} }""", "n");
        table = Csv.Sample(name, CsvOptions.For(spec));
        // Fitted on some of the rows, so that the rest has what fitting never saw.
        var fitted = Preprocessing.Fit(table.Select([.. Enumerable.Range(0, table.Rows).Where(row => row % 5 > 0)]), spec);

        ShouldAgree(fitted, table, name == "fine_foods" ? Rounded : 0);
    }

    [Fact]
    public void Graph_OfEveryKind_EncodesAsTrainingDid_MissingUnseenAndFarOutToo()
    {
        var spec = Given.Classification() with
        {
            Preprocessing = new PreprocessingSpec
            {
                Columns = new Dictionary<string, ColumnPreprocessingSpec>
                {
                    ["logarithm"] = new() { Log = true, Scaling = Scaling.MinMax },
                    ["ranked"] = new() { Scaling = Scaling.Quantile },
                    ["both"] = new() { Log = true, Scaling = Scaling.Quantile, Impute = Imputation.Median },
                    ["raw"] = new() { Scaling = Scaling.None, MissingIndicator = false },
                    ["size"] = new() { Encoding = TextEncoding.Ordinal, Order = ["S", "M", "L", "XL"] },
                    ["city"] = new() { Encoding = TextEncoding.Hash, Buckets = 7 },
                },
            },
        };
        var train = Table(
            (1, 5, 3, 0, "yes", "M", "Bergen", "2024-02-29T13:45", "good coffee at a good price"),
            (double.NaN, 6, -40, 1, "no", "S", "Oslo", "2023-12-31", "no coffee, no price"),
            (-100, double.NaN, double.NaN, double.NaN, null, null, null, null, "good price, but bad coffee"),
            (3e6, 6, 7, 4, "yes", "L", "Oslo", "1999-07-04 06:30:00", null));
        var others = Table(
            (double.NaN, 1e9, 1e-9, -3, "No", "XXL", "東京", "2024-13-01", "GOOD COFFEE é 東京 coffee"),
            (0, 5.5, 5, 2, "maybe", "", "", "no date", ""),
            (7, -1e9, 0, 2, "YES", "XL", "Oslo", "5/6/2024", "…!?"),
            (7, 6, 0, 2, "NO", "XL", "Oslo", "123456789012345678901234567890", "nothing known"));

        var fitted = Preprocessing.Fit(train, spec);
        fitted.Features.Select(feature => feature.GetType().Name).ShouldBe([
            nameof(NumberColumnFeature), nameof(NumberColumnFeature), nameof(NumberColumnFeature), nameof(NumberColumnFeature), nameof(LevelNumberFeature),
            nameof(LevelNumberFeature), nameof(HashFeature), nameof(DateFeature), nameof(TermsFeature)]);
        ShouldAgree(fitted, train, Rounded);
        ShouldAgree(fitted, others, Rounded);
        for (var row = 0; row < others.Rows; row++)
            ShouldAgree(fitted, others.Select([row]), Rounded);
    }

    [Fact]
    public void Graph_OfDates_EncodesAnyTextAsTrainingDid()
    {
        var spec = Given.Classification() with { Preprocessing = new PreprocessingSpec { Encoding = TextEncoding.Date, Numeric = Scaling.None } };
        var train = new Table([Given.Texts("when", "2024-02-29T13:45", "2023-01-31", null), Given.Texts("class", "x", "y", "x")]);
        var fitted = Preprocessing.Fit(train, spec);
        using var graph = new EncodedGraph(fitted);
        var date = Gen.Select(Gen.Int[1000, 9999], Gen.Int[1, 12], Gen.Int[1, 31], Gen.Int[0, 30], Gen.Int[0, 70]).Select((year, month, day, hour, minute) => $"{year}-{month:00}-{day:00} {hour}:{minute}");
        var text = Gen.OneOf(date, Gen.String[Gen.Char["0123456789-/: TZé"], 0, 20]);

        text.Array[1, 20].Sample(texts =>
        {
            var table = new Table([Given.Texts("when", [.. texts])]);
            return graph.Encode(table).AsSpan().SequenceEqual(fitted.Encode(table));
        }, iter: 300);
    }

    [Fact]
    public void Graph_OfTexts_FindsTheWordsThatTrainingFound()
    {
        var spec = Given.Classification() with { Preprocessing = new PreprocessingSpec { Encoding = TextEncoding.Text, Text = new TermsSpec { MinCount = 1, Sublinear = false } } };
        var sign = Gen.OneOf(Gen.Char["aB9 .,'-éÉßŒ東京カ한글×\u00A0\u2003\u2019\u3002_\u00B5\t\n"].Select(sign => sign.ToString()), Gen.OneOf(Gen.Const("😀"), Gen.Const("𝒜")));
        var text = sign.Array[1, 25].Select(signs => string.Concat(signs));

        text.Array[2, 12].Where(texts => texts.Any(item => WordTokens.Of(item).Count > 0)).Sample(texts =>
        {
            var table = new Table([Given.Texts("review", [.. texts]), Given.Texts("class", [.. texts.Select((_, row) => row % 2 == 0 ? "x" : "y")])]);
            ShouldAgree(Preprocessing.Fit(table, spec), table, Rounded);
        }, iter: 200);
    }

    private static Table Table(params (double Logarithm, double Ranked, double Both, double Raw, string? Yes, string? Size, string? City, string? When, string? Review)[] rows) => new(
    [
        Given.Numbers("logarithm", [.. rows.Select(row => row.Logarithm)]),
        Given.Numbers("ranked", [.. rows.Select(row => row.Ranked)]),
        Given.Numbers("both", [.. rows.Select(row => row.Both)]),
        Given.Numbers("raw", [.. rows.Select(row => row.Raw)]),
        Given.Texts("yes", [.. rows.Select(row => row.Yes)]),
        Given.Texts("size", [.. rows.Select(row => row.Size)]),
        Given.Texts("city", [.. rows.Select(row => row.City)]),
        Given.Texts("when", [.. rows.Select(row => row.When)]),
        Given.Texts("review", [.. rows.Select(row => row.Review)]),
        Given.Texts("class", [.. rows.Select((_, row) => row % 2 == 0 ? "x" : "y")]),
    ]);

    private static void ShouldAgree(Preprocessing fitted, Table table, float tolerance)
    {
        using var graph = new EncodedGraph(fitted);
        var (expected, actual) = (fitted.Encode(table), graph.Encode(table));

        actual.Length.ShouldBe(expected.Length);
        for (var index = 0; index < expected.Length; index++)
            if (!(Math.Abs(actual[index] - expected[index]) <= tolerance * Math.Max(1, Math.Abs(expected[index]))))
                throw new ShouldAssertException($"row {index / fitted.Width}, number {index % fitted.Width}: the graph has {actual[index]}, training saw {expected[index]}");
    }
}
