using Mlops.Inference;
using Mlops.Inference.Rollouts;
using Mlops.Scoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class AnswerComparisonTests
{
    [Theory]
    [InlineData(new[] { 1f, 200f }, new[] { 1.04f, 209f }, false)]
    [InlineData(new[] { 1f, 200f }, new[] { 1.06f, 200f }, true)]
    [InlineData(new[] { 0.001f }, new[] { 0.04f }, false)]
    [InlineData(new[] { float.NaN }, new[] { float.NaN }, false)]
    [InlineData(new[] { 1f }, new[] { float.NaN }, true)]
    [InlineData(new[] { float.PositiveInfinity }, new[] { 1f }, true)]
    [InlineData(new[] { 1f }, new[] { 1f, 1f }, true)]
    public void Differ_NumbersAlone_AreComparedWithinTheTolerance(float[] champion, float[] candidate, bool differ) =>
        AnswerComparison.Differ([Numbers("value", champion)], [Numbers("value", candidate)]).ShouldBe(differ);

    [Fact]
    public void Differ_AModelThatDecides_IsComparedByItsDecisions()
    {
        AnswerComparison.Differ([Texts("a", "b"), Numbers("p", 0.9f)], [Texts("a", "b"), Numbers("p", 0.1f)]).ShouldBeFalse();
        AnswerComparison.Differ([Texts("a", "b"), Numbers("p", 0.9f)], [Texts("a", "c"), Numbers("p", 0.9f)]).ShouldBeTrue();
    }

    [Fact]
    public void Differ_OtherOutputs_Differ()
    {
        AnswerComparison.Differ([Numbers("value", 1f)], [Numbers("other", 1f)]).ShouldBeTrue();
        AnswerComparison.Differ([Numbers("value", 1f)], []).ShouldBeTrue();
    }

    /// <summary>Each datatype's elements, against the values that the bytes were made from.</summary>
    [Fact]
    public void Elements_OfEveryDatatype_AreWhatWasWritten()
    {
        Element("FP64", BitConverter.GetBytes(-2.5)).Number(0).ShouldBe(-2.5);
        Element("FP16", BitConverter.GetBytes((Half)(-2.5))).Number(0).ShouldBe(-2.5);
        Element("BF16", BitConverter.GetBytes(-2.5f)[2..]).Number(0).ShouldBe(-2.5);
        Element("INT8", [0x80]).Category(0).ShouldBe("-128");
        Element("UINT8", [0x80]).Category(0).ShouldBe("128");
        Element("INT16", BitConverter.GetBytes(short.MinValue)).Category(0).ShouldBe("-32768");
        Element("UINT16", BitConverter.GetBytes(ushort.MaxValue)).Category(0).ShouldBe("65535");
        Element("INT32", BitConverter.GetBytes(int.MinValue)).Category(0).ShouldBe("-2147483648");
        Element("UINT32", BitConverter.GetBytes(uint.MaxValue)).Category(0).ShouldBe("4294967295");
        Element("INT64", BitConverter.GetBytes(long.MinValue)).Category(0).ShouldBe("-9223372036854775808");
        Element("UINT64", BitConverter.GetBytes(ulong.MaxValue)).Category(0).ShouldBe("18446744073709551615");
        Element("BOOL", [1]).Category(0).ShouldBe("true");
        OutputElements.Of(Texts("é", "", "z")).ShouldSatisfyAllConditions(
            texts => texts.Count.ShouldBe(3), texts => texts.Category(0).ShouldBe("é"), texts => texts.Category(1).ShouldBe(""), texts => texts.Category(2).ShouldBe("z"));
    }

    /// <summary>What counting costs and keeps does not grow with what is answered.</summary>
    [Fact]
    public void Counts_OfLargeAnswers_AreBounded()
    {
        var counts = new AnswerCounts();
        for (var answer = 0; answer < 100; answer++)
        {
            counts.Answered(TimeSpan.FromMilliseconds(1), [Texts([.. Enumerable.Range(0, 16).Select(row => $"{new string('x', 100)}{answer}-{row}")])]);
            counts.Answered(TimeSpan.FromMilliseconds(1), [Texts($"category-{answer}")]);
        }

        var label = counts.Take().Outputs["label"];
        label.Categories.Count.ShouldBe(65);
        label.Categories.Keys.ShouldAllBe(category => category.Length <= 64);
        label.Categories.Values.Sum().ShouldBe(1_700);
        counts.Answered(TimeSpan.Zero, [new OutputTensor("wide", TensorDatatype.Find("UINT8")!, [100, 100], new byte[10_000])]);
        var wide = counts.Take().Outputs;
        wide.Count.ShouldBe(16);
        wide["wide[15]"].Categories["0"].ShouldBe(15);
    }

    private static OutputElements Element(string datatype, byte[] bytes) => OutputElements.Of(new OutputTensor("y", TensorDatatype.Find(datatype)!, [1], bytes));

    private static OutputTensor Numbers(string name, params float[] values) => new(name, TensorDatatype.Find("FP32")!, [values.Length], Requests.Bytes(values));

    private static OutputTensor Texts(params string[] texts) => new("label", TensorDatatype.Find("BYTES")!, [texts.Length], Requests.Texts(texts));
}
