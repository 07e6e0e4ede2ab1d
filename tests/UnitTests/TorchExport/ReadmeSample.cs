using Mlops.Onnx.Certificates;
using Mlops.TorchExport;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

/// <summary>The code that shared/TorchExport/README.md shows, between the lines of dashes; a test holds both equal and runs it.</summary>
internal static class ReadmeSample
{
    public static void Run(string path)
    {
        // ----
        using var model = nn.Sequential(
            ("features", nn.Sequential(nn.Conv2d(1, 8, 3L, padding: 1L), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())),
            ("classify", nn.Linear(8, 3)));
        using var samples = torch.randn(16, 1, 28, 28);

        var export = OnnxExport.From(model, samples);
        var certified = export.Certify(OrtRun.Run, "ONNX Runtime 1.31.1");
        File.WriteAllBytes(path, certified.Bytes);
        Console.WriteLine($"{certified.Certificate.Samples} samples, at most {certified.Certificate.LargestAbsolute:g2} apart");

        // Whoever has the file, without TorchSharp:
        var check = ParityCertificate.Check(File.ReadAllBytes(path), OrtRun.Run);
        if (!check.Holds)
            throw new InvalidOperationException(string.Join("; ", check.Problems));
        // ----
    }
}
