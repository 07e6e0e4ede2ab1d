using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Mlops.Cli;

/// <summary>A pipeline spec in a file. The platform checks it; here it only becomes JSON.</summary>
internal static class SpecFile
{
    private static readonly string[] YamlEndings = [".yaml", ".yml"];

    /// <summary>The spec as JSON; YAML is recognised by the file's name.</summary>
    /// <exception cref="SpecFileException">The YAML cannot be read.</exception>
    public static string ToJson(string text, string fileName)
    {
        if (!YamlEndings.Contains(Path.GetExtension(fileName).ToLowerInvariant()))
            return text;
        try
        {
            var spec = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().WithDuplicateKeyChecking().Build().Deserialize(text);
            return JsonSerializer.Serialize(ToJsonValue(spec));
        }
        catch (YamlException exception)
        {
            throw new SpecFileException($"{fileName}, line {exception.Start.Line}, column {exception.Start.Column}: {exception.Message}");
        }
    }

    private static object? ToJsonValue(object? value) => value switch
    {
        Dictionary<object, object?> map => map.ToDictionary(pair => $"{pair.Key}", pair => ToJsonValue(pair.Value)),
        List<object?> list => list.Select(ToJsonValue).ToList(),
        _ => value,
    };
}

/// <summary>A spec file that cannot be read.</summary>
internal sealed class SpecFileException(string message) : Exception(message);
