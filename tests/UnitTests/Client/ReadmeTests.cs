using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

/// <summary>README.md's C# is text that compiles: each of its paragraphs is a region of <see cref="ReadmeSample"/>.</summary>
public sealed class ReadmeTests
{
    private const string Block = "```csharp\n";

    [Fact]
    public void Readme_EachParagraphOfCSharp_IsCompiled()
    {
        var sample = Regions(File.ReadAllText(Path.Combine(Repository.Root, "tests/UnitTests/Client/ReadmeSample.cs")));
        var paragraphs = Blocks(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).SelectMany(block => block.Split("\n\n")).ToList();
        paragraphs.ShouldNotBeEmpty();
        foreach (var paragraph in paragraphs)
            sample.ShouldContain(paragraph, $"README.md has C# that stands in no region of ReadmeSample.cs, or differs from it:\n{paragraph}");
    }

    private static IEnumerable<string> Blocks(string text) => text.Split(Block).Skip(1).Select(rest => rest[..rest.IndexOf("\n```", StringComparison.Ordinal)]);

    private static List<string> Regions(string code) =>
        [.. code.Split("#region ").Skip(1).Select(rest => rest[(rest.IndexOf('\n', StringComparison.Ordinal) + 1)..rest.IndexOf("#endregion", StringComparison.Ordinal)]).Select(WithoutIndent)];

    private static string WithoutIndent(string region)
    {
        var lines = region.TrimEnd().Split('\n');
        var indent = lines[0].Length - lines[0].TrimStart().Length;
        return string.Join('\n', lines.Select(line => line[Math.Min(indent, line.Length)..]));
    }
}
