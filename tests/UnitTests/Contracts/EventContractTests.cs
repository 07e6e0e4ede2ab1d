using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Contracts;

/// <summary>Events change by addition only, because builds of different ages read them.</summary>
public sealed class EventContractTests
{
    /// <summary>
    /// What consumers out there rely on. A line may be added, with a field that is not required; a line that is changed or
    /// missing breaks a build that is deployed already, and asks for a new <see cref="ContractVersions"/>.
    /// </summary>
    [Fact]
    public void Events_Fields_AreTheApprovedOnes()
    {
        var approved = File.ReadAllText(Path.Combine(Repository.Root, "tests", "UnitTests", "Contracts", "approved-events.txt"));
        var found = string.Join('\n', EventTypes.All.OrderBy(type => type.Name, StringComparer.Ordinal).SelectMany(LinesOf)) + "\n";
        found.ShouldBe(approved);
    }

    [Fact]
    public void Event_WithoutAVersion_HasTheFirst()
    {
        var text = $$"""{"eventId":"{{Guid.Empty}}","occurredAt":"2026-01-02T03:04:05Z","pipelineRunId":"{{Guid.Empty}}","stage":"s","kind":"k","reason":"r"}""";
        EventTypes.VersionOf(JsonSerializer.Deserialize<PipelineFailed>(text, SpecJson.Canonical)!).ShouldBe(1);
    }

    private static IEnumerable<string> LinesOf(Type type) => type.GetProperties()
        .Select(field => $"{type.Name}.{field.Name}: {NameOf(field)}{(field.IsDefined(typeof(RequiredMemberAttribute)) ? ", required" : "")}")
        .Order(StringComparer.Ordinal);

    private static string NameOf(PropertyInfo field)
    {
        var nullable = new NullabilityInfoContext().Create(field).WriteState == NullabilityState.Nullable;
        var type = Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType;
        var name = type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name))}>" : type.Name;
        return nullable ? $"{name}?" : name;
    }
}
