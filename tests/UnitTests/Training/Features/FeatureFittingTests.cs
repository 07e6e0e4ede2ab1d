using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Features;

public sealed class FeatureFittingTests
{
    [Theory]
    [InlineData(TextEncoding.Boolean, "yes", "no", "yes", null)]
    [InlineData(TextEncoding.Boolean, "F", "T")]
    [InlineData(TextEncoding.OneHot, "yes", "no", "maybe")]
    [InlineData(TextEncoding.OneHot, "yes", "yes")]
    [InlineData(TextEncoding.OneHot, "yes", "false")]
    [InlineData(TextEncoding.Date, "2024-02-29", "2023-01-31T10:00:00+02:00", null)]
    [InlineData(TextEncoding.OneHot, "2024-02-29", "2023-02-29")]
    [InlineData(TextEncoding.OneHot, "2024-02-29", "soon")]
    [InlineData(TextEncoding.Text, "a good thing", "not a good thing", "good enough")]
    [InlineData(TextEncoding.OneHot, "a good thing", "a good thing", "a good thing")]
    [InlineData(TextEncoding.OneHot, null, null)]
    public void Choose_ByTheTrainingRows(TextEncoding expected, params string?[] texts) =>
        FeatureFitting.Choose(TrainingLevels.Of(Given.Texts("t", texts)), minCount: 1).ShouldBe(expected);

    [Theory]
    [InlineData(256, 1, TextEncoding.OneHot)]
    [InlineData(257, 1, TextEncoding.Hash)]
    [InlineData(257, 2, TextEncoding.OneHot)] // all of them are rare
    public void Choose_ManyLevels_AreHashed(int levels, int minCount, TextEncoding expected) =>
        FeatureFitting.Choose(TrainingLevels.Of(Given.Texts("t", [.. Enumerable.Range(0, levels).Select(level => $"level{level}")])), minCount).ShouldBe(expected);

    [Fact]
    public void Fit_OrdinalAndBoolean_AreScaledNumbersWithAnIndicatorOfWhatIsUnknown()
    {
        var table = new Table([Given.Texts("size", "S", "L", null, "M"), Given.Texts("on", "on", "off", "on", "on"), Given.Texts("class", "x", "y", "x", "y")]);
        var fitted = Preprocessing.Fit(table, Given.Classification() with
        {
            Preprocessing = new PreprocessingSpec { Numeric = Scaling.MinMax, Columns = new Dictionary<string, ColumnPreprocessingSpec> { ["size"] = new() { Encoding = TextEncoding.Ordinal, Order = ["S", "M", "L"] } } },
        });

        // size, on, whether size is missing; the mean stands in for it, and for what has no place in the order.
        fitted.Encode(table).ShouldBe([0, 1, 0, 1, 0, 0, 0.5f, 1, 1, 0.5f, 1, 0]);
        fitted.Encode(new Table([Given.Texts("size", "XL"), Given.Texts("on", "ON")])).ShouldBe([0.5f, 1, 1]);
    }

    [Fact]
    public void Fit_Date_HasThePartsThatDiffer()
    {
        var table = new Table([Given.Texts("when", "2024-01-05", "2024-01-12", "2024-01-19"), Given.Texts("class", "x", "y", "x")]);
        var fitted = Preprocessing.Fit(table, Given.Classification() with { Preprocessing = new PreprocessingSpec { Numeric = Scaling.MinMax } });

        fitted.Features[0].ShouldBeOfType<DateFeature>().Parts.Select(part => part.Name).ShouldBe(["day"]); // all are Fridays in January
        var first = 2 * Math.PI * 4 / 31;
        fitted.Encode(table.Select([0])).ShouldBe([0, (float)Math.Sin(first), (float)Math.Cos(first)], 1e-6);
    }

    [Theory]
    [InlineData(TextEncoding.Date, "t: 'soon' is no date, nor is any other text of the training rows; dates as 2026-11-28 or 2026-11-28T13:45 are accepted, or another encoding")]
    [InlineData(TextEncoding.Boolean, "t: every value in the training rows is missing; a column with values is accepted, or \"ignore\" under columns")]
    [InlineData(TextEncoding.Text, "t: no term stands in 9 training rows; a lower preprocessing.text.minCount, another encoding, or \"ignore\" under columns is accepted")]
    public void Fit_TextsThatAreNotSuch_Faults(TextEncoding encoding, string message)
    {
        var table = new Table([Given.Texts("t", "soon", "then"), Given.Texts("class", "x", "y")]);
        var spec = Given.Classification() with { Preprocessing = new PreprocessingSpec { Encoding = encoding, Text = new TermsSpec { MinCount = 9 } } };

        Should.Throw<Fault>(() => Preprocessing.Fit(table, spec)).Message.ShouldBe(message);
    }
}
