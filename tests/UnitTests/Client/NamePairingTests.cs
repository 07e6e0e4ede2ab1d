using System.Text.Json.Serialization;
using Mlops.Client.Mapping;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class NamePairingTests
{
    [Theory]
    [InlineData("SepalLength", "sepal_length", true)]
    [InlineData("sepal_length", "SEPALLENGTH", true)]
    [InlineData("_x", "X_", true)]
    [InlineData("x", "x", true)]
    [InlineData("x1", "x", false)]
    [InlineData("x", "x_1", false)]
    [InlineData("sepal-length", "SepalLength", false)]
    public void Names_ThatDifferInCaseAndUnderscores_AreAlike(string one, string other, bool alike)
    {
        NamePairing.AreAlike(one, other).ShouldBe(alike);
        NamePairing.AreAlike(other, one).ShouldBe(alike);
    }

    [Fact]
    public void Pair_ExactName_GoesBeforeOneThatIsAlike() => Pair<BothCases>("Age", "age").Paired.ShouldBe([1, 0]);

    [Fact]
    public void Pair_NameThatIsTold_IsTheOneThatCounts() => Pair<Told>("length", "sepal_length", "sepal_width").Paired.ShouldBe([1, 2]);

    [Fact]
    public void Pair_PropertyWithoutName_IsAnErrorThatSaysWhatIsAccepted() =>
        Pair<Told>("sepal_length").Problems.ShouldBe(["property 'SepalWidth' means no column; accepted: sepal_length, or [JsonIgnore] on the property"]);

    [Fact]
    public void Pair_TwoNamesThatAreAlike_IsAnError() =>
        Pair<One>("a_b", "A_B").Problems.ShouldBe(["property 'Ab' may mean column 'a_b' or 'A_B'; [JsonPropertyName] says which"]);

    [Fact]
    public void Pair_TwoPropertiesForOneName_IsAnError() =>
        Pair<BothCases>("AGE").Problems.ShouldBe(["property 'age' and property 'Age' both mean column 'AGE'; [JsonPropertyName] says which column is meant, [JsonIgnore] that none is"]);

    [Fact]
    public void Properties_OfADerivedType_StandAfterItsBases() =>
        MappedProperty.Of(typeof(Derived)).Select(property => property.Name).ShouldBe(["Ab", "Z", "A"]);

    private static (int[] Paired, List<string> Problems) Pair<T>(params string[] names)
    {
        var problems = new List<string>();
        var paired = NamePairing.Pair(MappedProperty.Of(typeof(T)), names, "column", problems);
        return (paired, problems);
    }

    private sealed record BothCases(float age, float Age);

    private sealed record Told([property: JsonPropertyName("sepal_length")] float Length, float SepalWidth, [property: JsonIgnore] float Other = 0);

    private record One(float Ab);

    private sealed record Derived(float Ab, float Z, float A) : One(Ab);
}
