using System.Text;
using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Features;

/// <summary>Features are what scikit-learn and Python make of the same columns.</summary>
public sealed class FeatureOracleTests
{
    private static readonly JsonElement Features = Oracle.Read("features");

    [Theory]
    [InlineData("standard", Scaling.Standard, false)]
    [InlineData("min-max", Scaling.MinMax, false)]
    [InlineData("robust", Scaling.Robust, false)]
    [InlineData("quantile", Scaling.Quantile, false)]
    [InlineData("log", Scaling.None, true)]
    public void Number_IsScaledAsScikitLearnDoes(string name, Scaling scaling, bool log)
    {
        var feature = NumericFeature.Fit("x", Features.GetProperty("train").Doubles(), new PreprocessingSpec { Numeric = scaling }.Of("x") with { Log = log });

        Features.GetProperty("asked").Floats().Select(feature.Transform).ShouldBe(Features.GetProperty(name).Floats(), 1e-5);
    }

    [Fact]
    public void Hash_IsMurmurHash3()
    {
        foreach (var hash in Features.GetProperty("hashes").EnumerateArray())
            MurmurHash3.Of(Encoding.UTF8.GetBytes(hash.GetProperty("text").GetString()!)).ShouldBe(hash.GetProperty("hash").GetUInt32());
    }

    [Fact]
    public void Date_IsThatOfTheCalendar()
    {
        foreach (var expected in Features.GetProperty("dates").EnumerateArray())
        {
            var text = expected.GetProperty("text").GetString()!;
            var date = DateText.Read(text).ShouldNotBeNull();

            DateText.IsIso(text).ShouldBeTrue(text);
            (date.Days, date.Weekday, date.Month, date.Hour).ShouldBe((
                expected.GetProperty("days").GetInt64(), expected.GetProperty("weekday").GetInt32(), expected.GetProperty("month").GetInt32(), expected.GetProperty("hour").GetInt32()), text);
            date.Moment.ShouldBe((float)expected.GetProperty("moment").GetDouble(), text);
        }
    }

    [Theory]
    [InlineData("1-linear", 1, false)]
    [InlineData("1-sublinear", 1, true)]
    [InlineData("2-linear", 2, false)]
    [InlineData("2-sublinear", 2, true)]
    public void Terms_AreWeighedAsScikitLearnDoes(string name, int words, bool sublinear)
    {
        var reviews = Features.GetProperty("reviews").EnumerateArray().Select(review => review.GetString()!).ToArray();
        var expected = Features.GetProperty("terms").GetProperty(name);
        var table = new Table([Given.Texts("review", reviews), Given.Texts("class", [.. reviews.Select((_, row) => row % 2 == 0 ? "x" : "y")])]);
        var fitted = Preprocessing.Fit(table, Given.Classification() with
        {
            Preprocessing = new PreprocessingSpec { Encoding = TextEncoding.Text, Text = new TermsSpec { Words = words, Sublinear = sublinear } },
        });
        var feature = fitted.Features[0].ShouldBeOfType<TermsFeature>();

        var terms = expected.GetProperty("terms").EnumerateArray().Select(term => term.GetString()!).ToList();
        feature.Terms.ShouldBe(terms, ignoreOrder: true);
        var encoded = fitted.Encode(table);
        foreach (var (row, values) in expected.GetProperty("values").EnumerateArray().Index())
            feature.Terms.Select((_, index) => encoded[(row * fitted.Width) + index]).ShouldBe(feature.Terms.Select(term => values[terms.IndexOf(term)].GetSingle()), 1e-6);
    }
}
