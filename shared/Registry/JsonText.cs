using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Mlops.Contracts.Spec;

namespace Mlops.Registry;

/// <summary>Immutable values that are kept as JSON text in one column, alike in every database.</summary>
internal static class JsonText
{
    public static ValueConverter<T, string> Converter<T>()
        where T : class?
        => new(value => JsonSerializer.Serialize(value, SpecJson.Canonical), text => JsonSerializer.Deserialize<T>(text, SpecJson.Canonical)!);
}
