using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Inference;

/// <summary>Callers who come at once share runs: nobody may see anything of another's rows, or of another's mistake.</summary>
public sealed class SharedRunTests : IDisposable
{
    private const int Callers = 16, RequestsOfEach = 100;

    private readonly IOptions<InferenceOptions> _options = Options.Create(new InferenceOptions { Batching = new BatchingOptions { Runs = 1 } });
    private readonly ModelHost _host;
    private readonly DataPlane _plane;

    public SharedRunTests()
    {
        _host = new ModelHost(_options, TimeProvider.System, NullLogger<ModelHost>.Instance);
        _plane = new DataPlane(_host, _options, NullLogger<DataPlane>.Instance);
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("columns", 0)]
    [InlineData("classifier", 0)]
    [InlineData("lookup", 0)]
    [InlineData("mlp", 1e-6)]
    public async Task Answers_OfRandomInterleavings_AreThoseOfARunAlone(string name, double tolerance)
    {
        var model = ModelOf(name);
        await InferenceServer.ServeAsync(_host, name, model);
        using var alone = OnnxModel.Load(model.ToByteArray());

        var statistics = _host.Loaded(name, "").ShouldHaveSingleItem().Statistics;
        // As often as it takes until some have met: the model may be done before the next one asks.
        for (var round = 0; round < 100 && statistics.Executions == statistics.Success.Count; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
            {
                var random = new Random((round * Callers) + caller);
                for (var index = 0; index < RequestsOfEach; index++)
                {
                    var inputs = Inputs(alone, random, random.Next(1, 5));
                    var expected = alone.Run(new CheckedRequest(inputs, alone.AllOutputs, (int)inputs[0].Shape[0], IsEmpty: false));
                    using var result = await _plane.InferAsync(new InferenceRequest { Model = name, Inputs = inputs }, CancellationToken.None);
                    for (var output = 0; output < expected.Outputs.Length; output++)
                        RequireSame(result.Outputs[output], expected.Outputs[output], tolerance);
                }
            })));
        }

        statistics.Executions.ShouldBeLessThan(statistics.Success.Count, "no two requests ever shared a run, so nothing was tried");
    }

    [Fact]
    public async Task Refusal_OfOneCallersValues_LeavesTheOthersTheirAnswers()
    {
        await InferenceServer.ServeAsync(_host, "lookup", Models.Lookup());

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var index = 0; index < RequestsOfEach; index++)
            {
                var row = caller % 4 == 0 ? 7L : caller % 3;
                var asked = _plane.InferAsync(new InferenceRequest { Model = "lookup", Inputs = [new InputTensor("index", "INT64", [1], Requests.Bytes(row))] }, CancellationToken.None);
                if (row == 7)
                    (await Should.ThrowAsync<Fault>(async () => await asked)).Kind.ShouldBe(FaultKind.Invalid);
                else
                    BitConverter.ToSingle((await asked).Outputs[0].Contents.Span).ShouldBe(10 * (row + 1));
            }
        })));
    }

    [Fact]
    public async Task Rows_ThatDependOnEachOther_NeverShareARun()
    {
        await InferenceServer.ServeAsync(_host, "first", Models.AddFirstRow());

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var index = 0; index < RequestsOfEach; index++)
            {
                var request = new InferenceRequest { Model = "first", Inputs = [new InputTensor("x", "FP32", [1, 2], Requests.Bytes((float)caller, index))] };
                using var result = await _plane.InferAsync(request, CancellationToken.None);
                result.Outputs[0].Contents.ToArray().ShouldBe(Requests.Bytes(2f * caller, 2f * index));
            }
        })));

        _host.Loaded("first", "").ShouldHaveSingleItem().Statistics.Executions.ShouldBe(Callers * RequestsOfEach);
    }

    private static ModelProto ModelOf(string name) => name switch
    {
        "columns" => Models.Columns(),
        "classifier" => Models.Classifier(),
        "lookup" => Models.Lookup(),
        _ => Mlp(),
    };

    private static ModelProto Mlp()
    {
        var (random, graph) = (new Random(3), new GraphBuilder());
        var hidden = graph.Node("Relu", [Linear(graph.Input("x", DataType.Float, -1, 32), 32, 64)]);
        graph.Output("y", graph.Node("Softmax", [Linear(hidden, 64, 8)]), DataType.Float, -1, 8);
        return graph.Build();

        string Linear(string input, int inputs, int outputs) => graph.Node("Gemm", [input, Weights(inputs, outputs), Weights(outputs)]);

        string Weights(params int[] shape) =>
            graph.Floats("w", [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)], [.. shape.Select(size => (long)size)]);
    }

    private static InputTensor[] Inputs(OnnxModel model, Random random, int rows) =>
        [.. model.Inputs.Select(input => new InputTensor(input.Name, input.Datatype.Name, [rows, .. input.Shape.Skip(1)], Contents(input, random, rows)))];

    private static byte[] Contents(TensorFact input, Random random, int rows)
    {
        var elements = rows * (int)input.Shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        return input.Datatype.Name switch
        {
            "FP32" => Requests.Bytes([.. Enumerable.Range(0, elements).Select(_ => (random.NextSingle() - 0.5f) * 20)]),
            "INT64" => Requests.Bytes([.. Enumerable.Range(0, elements).Select(_ => random.NextInt64(3))]),
            _ => Requests.Texts([.. Enumerable.Range(0, elements).Select(_ => random.Next(2) == 0 ? "Bonn" : "Köln")]),
        };
    }

    private static void RequireSame(in OutputTensor found, in OutputTensor expected, double tolerance)
    {
        found.Shape.ShouldBe(expected.Shape);
        if (found.Contents.Span.SequenceEqual(expected.Contents.Span))
            return;
        tolerance.ShouldBeGreaterThan(0, $"{found.Name} is not the same to the bit");
        var (one, other) = (Requests.Singles(found.Contents.Span), Requests.Singles(expected.Contents.Span));
        for (var index = 0; index < one.Length; index++)
            one[index].ShouldBe(other[index], tolerance);
    }
}
