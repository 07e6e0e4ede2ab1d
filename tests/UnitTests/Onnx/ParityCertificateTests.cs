using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

public sealed class ParityCertificateTests
{
    private const string CertificateKey = "mlops.parity.certificate";

    private static readonly CertificateTerms Terms = new() { Reference = "arithmetic 1.0", Runtime = "ONNX Runtime 1.31.1" };

    // x·[2; 4], of which the source would say so with an error of its own.
    private static readonly ParitySample[] Samples =
    [
        new([Tensors.Of("x", [1f, 0.5f], 2, 1)], [Tensors.Of("y", [2f, 4.00002f, 1f, 2f], 2, 2)]),
        new([Tensors.Of("x", [-0.0001f], 1, 1)], [Tensors.Of("y", [-0.0003f, -0.0004f], 1, 2)]),
    ];

    [Fact]
    public void Issue_ModelThatAgrees_StoresWhatWasFoundAndTheSamples()
    {
        var certified = ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002 });

        var certificate = ParityCertificate.Read(certified.Bytes)!;
        certificate.ShouldBe(certified.Certificate);
        certificate.Samples.ShouldBe(3);
        certificate.LargestAbsolute.ShouldBe(1e-4, 1e-9);
        certificate.LargestScaled.ShouldBe(1e-4, 1e-9);
        certificate.LargestRelative.ShouldBe(2e-5 / 4.00002, 1e-7, "−0.0003 is too small for a relative difference");
        certificate.Opset.ShouldBe(17);
        (certificate.Reference, certificate.Runtime, certificate.Tolerance).ShouldBe((Terms.Reference, Terms.Runtime, 0.0002));
        var check = ParityCertificate.Check(certified.Bytes, Run);
        check.Problems.ShouldBeEmpty();
        check.Holds.ShouldBeTrue();
        check.Difference.Absolute.ShouldBe(certificate.LargestAbsolute);
        // The names are those of an ONNX model's test data.
        var stored = OnnxFile.Parse(certified.Bytes).MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value);
        stored.Keys.ShouldBe([
            CertificateKey, "mlops.parity.test_data_set_0.input_0", "mlops.parity.test_data_set_0.output_0", "mlops.parity.test_data_set_1.input_0", "mlops.parity.test_data_set_1.output_0"]);
        TensorProto.Parser.ParseFrom(Convert.FromBase64String(stored["mlops.parity.test_data_set_1.input_0"])).ShouldBe(Samples[1].Inputs[0]);
    }

    [Fact]
    public void Issue_Again_GivesEqualBytesInPlaceOfTheFormerCertificate()
    {
        var once = ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 1 });
        var other = ParityCertificate.Issue(Model(2, 4), Samples[..1], Run, Terms);

        ParityCertificate.Issue(once.Bytes, Samples, Run, Terms with { Tolerance = 1 }).Bytes.ShouldBe(once.Bytes);
        ParityCertificate.Issue(once.Bytes, Samples[..1], Run, Terms).Bytes.ShouldBe(other.Bytes);
    }

    [Fact]
    public void Issue_ModelThatDiffers_Faults()
    {
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4.1f), Samples, Run, Terms)).Message
            .ShouldBe("parity: the model's outputs differ from those of its source by 0.025, as ÷ max(1, magnitude); at most 0.0001 is accepted");
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, float.NaN), Samples, Run, Terms)).Message.ShouldContain("differ from those of its source by Infinity");
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4), [], Run, Terms)).Problems[0].Field.ShouldBe("samples");
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4), [Samples[0] with { Outputs = [] }], Run, Terms)).Problems[0].Field.ShouldBe("samples");
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = double.PositiveInfinity })).Message
            .ShouldBe("tolerance: Infinity is not accepted; numbers above 0 are");
    }

    [Fact]
    public void Issue_RunThatGivesSomethingElse_Faults()
    {
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4), Samples, (_, _) => [Tensors.Of("z", [1f], 1)], Terms)).Message
            .ShouldBe("run: gave no output 'y'; it gave 'z'");
        Should.Throw<Fault>(() => ParityCertificate.Issue(Model(2, 4), Samples, (_, _) => [Tensors.Of("y", [1f, 2f, 3f, 4f], 1, 4)], Terms)).Message
            .ShouldBe("run: output 'y' has the shape [1, 4]; [2, 2] is expected");
    }

    [Fact]
    public void Check_AChangedWeight_IsCaught()
    {
        var changed = OnnxFile.Parse(ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002 }).Bytes);
        changed.Graph.Initializer.Single().FloatData.Clear();
        changed.Graph.Initializer.Single().RawData = Tensors.Of("", [2.5f, 4f], 1, 2).RawData;

        var check = ParityCertificate.Check(OnnxFile.Write(changed), Run);

        check.Holds.ShouldBeFalse();
        check.Problems.Count.ShouldBe(2);
        check.Problems[0].ShouldStartWith("the model's digest is ");
        check.Problems[1].ShouldStartWith("the model's outputs differ from those of its source by 0.25");
    }

    [Fact]
    public void Check_AWeightChangedWithinTheTolerance_IsCaughtByTheDigest()
    {
        var changed = OnnxFile.Parse(ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002 }).Bytes);
        changed.Graph.Initializer.Single().RawData = Tensors.Of("", [float.BitIncrement(2), 4f], 1, 2).RawData;

        ParityCertificate.Check(OnnxFile.Write(changed), Run).Problems.ShouldHaveSingleItem().ShouldStartWith("the model's digest is ");
    }

    [Fact]
    public void Check_ARuntimeThatComputesSomethingElse_IsCaught()
    {
        var certified = ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002 });

        var check = ParityCertificate.Check(certified.Bytes, (_, inputs) => Run(Model(2, 4.01f), inputs));

        check.Problems.ShouldHaveSingleItem().ShouldStartWith("the model's outputs differ from those of its source by 0.0025");
    }

    [Fact]
    public void Check_ChangedSamples_AreCaught()
    {
        var changed = OnnxFile.Parse(ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002 }).Bytes);
        changed.MetadataProps.Remove(changed.MetadataProps.Single(entry => entry.Key == "mlops.parity.test_data_set_1.output_0"));

        ParityCertificate.Check(OnnxFile.Write(changed), Run).Problems.ShouldHaveSingleItem().ShouldStartWith("the samples' digest is ");
    }

    [Fact]
    public void Check_WithTheSamplesElsewhere_WantsThem()
    {
        var certified = ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002, StoreSamples = false });

        OnnxFile.Parse(certified.Bytes).MetadataProps.ShouldHaveSingleItem().Key.ShouldBe(CertificateKey);
        Should.Throw<Fault>(() => ParityCertificate.Check(certified.Bytes, Run)).Message.ShouldBe("samples: the model has their digest alone; the samples themselves are needed");
        ParityCertificate.Check(certified.Bytes, Run, Samples).Holds.ShouldBeTrue();
        ParityCertificate.Check(certified.Bytes, Run, Samples[..1]).Problems.ShouldHaveSingleItem().ShouldStartWith("the samples' digest is ");
    }

    [Fact]
    public void Check_OutputsThatPassForInputs_AreCaught()
    {
        var certified = ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 0.0002, StoreSamples = false });
        ParitySample[] nothingToCompare = [.. Samples.Select(sample => new ParitySample([.. sample.Inputs, .. sample.Outputs], []))];

        ParityCertificate.Check(certified.Bytes, (_, _) => [], nothingToCompare).Problems.ShouldHaveSingleItem().ShouldStartWith("the samples' digest is ");
    }

    [Theory]
    [InlineData(CertificateKey, "null")]
    [InlineData(CertificateKey, "{}")]
    [InlineData(CertificateKey, "none")]
    [InlineData("mlops.parity.test_data_set_0.input_0", "#")]
    [InlineData("mlops.parity.test_data_set_0.input_0", "/////w==")]
    [InlineData("mlops.parity.test_data_set_0.output_0", "CAIQAQ==")] // two elements of 32-bit floats, without their bytes
    public void Check_WhatCannotBeRead_Faults(string key, string value)
    {
        var broken = OnnxFile.Parse(ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 1 }).Bytes);
        broken.MetadataProps.Single(entry => entry.Key == key).Value = value;

        Should.Throw<Fault>(() => ParityCertificate.Check(OnnxFile.Write(broken), Run)).Problems[0].Field.ShouldBe(key);
    }

    [Fact]
    public void Check_WithoutCertificate_Faults()
    {
        ParityCertificate.Read(Model(2, 4)).ShouldBeNull();
        Should.Throw<Fault>(() => ParityCertificate.Check(Model(2, 4), Run)).Message.ShouldBe("model: has no parity certificate");
    }

    [Fact]
    public void Passes_MakeAnotherModel_WhichHasNoCertificate()
    {
        var model = OnnxFile.Parse(ParityCertificate.Issue(Model(2, 4), Samples, Run, Terms with { Tolerance = 1 }).Bytes);

        ParityCertificate.Read(OnnxFile.Write(Float16Conversion.Apply(model))).ShouldBeNull();
        ParityCertificate.Read(OnnxFile.Write(model)).ShouldNotBeNull();
    }

    [Fact]
    public void Between_NumbersThatAreNone_IsInfinite()
    {
        OutputDifference.Between([float.NaN], [float.NaN]).Scaled.ShouldBe(double.PositiveInfinity);
        OutputDifference.Between([1], [float.NaN]).Absolute.ShouldBe(double.PositiveInfinity);
        OutputDifference.Between([float.PositiveInfinity], [float.NegativeInfinity]).Relative.ShouldBe(double.PositiveInfinity);
        OutputDifference.Between([float.PositiveInfinity, 0], [float.PositiveInfinity, 0]).ShouldBe(default);
    }

    private static byte[] Model(params float[] weights)
    {
        var graph = new GraphBuilder();
        var product = graph.Node("MatMul", [graph.Input("x", DataType.Float, -1, 1), graph.Floats("weight", weights, 1, weights.Length)]);
        graph.Output("y", product, DataType.Float, -1, weights.Length);
        return OnnxFile.Write(graph.Build());
    }

    private static IReadOnlyList<TensorProto> Run(byte[] model, IReadOnlyList<TensorProto> inputs)
    {
        var input = inputs.Single();
        return [Tensors.Of("y", Ort.Run(OnnxFile.Parse(model), Tensors.Floats(input), [.. input.Dims]), input.Dims[0], 2)];
    }
}
