using System.Text;
using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Features;

/// <summary>One of a number of indicators, found by a text's hash: very many levels, and those that training never saw, share them.</summary>
internal sealed record HashFeature(int Buckets) : TextColumnFeature
{
    public override int Indicators => Buckets;

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var hash = graph.NodeIn(GraphBuilder.MicrosoftDomain, "MurmurHash3", [input], GraphBuilder.Attribute("seed", 0L));
        var number = graph.Cast(hash, DataType.Int64);
        var bucket = graph.Node("Mod", [number, graph.Integers("features/buckets", Buckets)]);
        return (null, OneHotFeature.Export(graph, bucket, Buckets));
    }

    protected override IEnumerable<string> Examples => ["a", "b", "c"];

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators) =>
        indicators[(int)(MurmurHash3.Of(Encoding.UTF8.GetBytes(text)) % (uint)Buckets)] = 1;
}
