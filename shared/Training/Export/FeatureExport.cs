using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Tabular;
using Mlops.Training.Features;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Export;

/// <summary>The graph's side of <see cref="Preprocessing.Encode"/>: the same numbers from raw inputs.</summary>
internal static class FeatureExport
{
    /// <summary>One input for all features where all are numbers, else one for each, in header order.</summary>
    public static IReadOnlyList<TensorSignature> InputsOf(Preprocessing preprocessing) => preprocessing.IsOfNumbers
        ? [new TensorSignature { Name = ModelSignature.FeaturesInput, Datatype = "FP32", Shape = [-1, preprocessing.Columns.Count], Columns = preprocessing.Columns }]
        : [.. preprocessing.Features.Select(feature => new TensorSignature
        {
            Name = feature.Name,
            Datatype = feature.Source == ColumnType.Numeric ? "FP32" : "BYTES",
            Shape = [-1, 1],
            Columns = [feature.Name],
        })];

    /// <summary>Adds inputs and preprocessing.</summary>
    /// <returns>The name of the encoded rows [N, width].</returns>
    public static string Add(GraphBuilder graph, Preprocessing preprocessing)
    {
        foreach (var input in InputsOf(preprocessing))
            graph.Input(input.Name, input.Datatype == "BYTES" ? DataType.String : DataType.Float, [.. input.Shape]);
        if (preprocessing.IsOfNumbers)
            return NumericExport.Add(graph, preprocessing.Numbers, ModelSignature.FeaturesInput);

        var (numbers, indicators) = (new List<string>(), new List<string>());
        foreach (var (featureNumbers, featureIndicators) in preprocessing.Features.Select(feature => feature.Export(graph, feature.Name)).ToList())
        {
            if (featureNumbers is not null)
                numbers.Add(featureNumbers);
            if (featureIndicators is not null)
                indicators.Add(featureIndicators);
        }
        return numbers.Count == 0
            ? graph.Concat(indicators)
            : graph.Concat([NumericExport.Add(graph, preprocessing.Numbers, graph.Concat(numbers)), .. indicators]);
    }
}
