using Mlops.Onnx.Certificates;
using Mlops.TorchExport;
using Mlops.UnitTests.Training;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.TorchExport;

/// <summary>What shared/TorchExport/README.md shows is what compiles and runs.</summary>
[Collection(TrainingCollection.Name)]
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "shared/TorchExport/README.md"));

    [Fact]
    public void Sample_Runs()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.CreateVersion7()}.onnx");
        try
        {
            ReadmeSample.Run(path);

            ParityCertificate.Read(File.ReadAllBytes(path))!.Samples.ShouldBe(16);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("ReadmeSample.cs", 0)]
    [InlineData("OrtRun.cs", 1)]
    [InlineData("OwnModules.cs", 2)]
    public void Code_InTheReadme_IsThatOfTheTests(string file, int block)
    {
        var blocks = Readme.Split("```csharp\n")[1..].Select(part => part.Split("```")[0].Trim()).ToArray();
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "tests/UnitTests/TorchExport", file));
        var marks = lines.Select((line, index) => (line, index)).Where(pair => pair.line.Trim() == "// ----").Select(pair => pair.index).ToArray();
        var shown = lines[(marks[0] + 1)..marks[1]];
        var indent = shown[0].Length - shown[0].TrimStart().Length;

        blocks[block].ShouldBe(string.Join('\n', shown.Select(line => line.Length > indent ? line[indent..] : line.Trim())).Trim());
    }

    [Fact]
    public void Layers_InTheReadme_AreThoseThatAreAccepted()
    {
        var line = Readme.Split('\n').Single(line => line.StartsWith("Layers: ", StringComparison.Ordinal));

        line["Layers: ".Length..].TrimEnd('.').Split(", ").Select(name => name.Trim('`')).Where(name => name != "MultiheadAttention")
            .ShouldBe(LayerExporters.Standard.Accepted, ignoreOrder: true);
    }
}
