using System.Reflection;
using Mlops.Contracts.Events;

namespace Mlops.Registry;

/// <summary>The events of the contracts by name, as the outbox keeps them.</summary>
public static class EventTypes
{
    private static readonly Dictionary<string, Shape> ByName = typeof(DatasetRegistered).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(DatasetRegistered).Namespace && type.GetProperty(nameof(DatasetRegistered.EventId)) is not null)
        .ToDictionary(type => type.Name, type => new Shape(type));

    /// <summary>Every event.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. ByName.Values.Select(shape => shape.Type)];

    /// <summary>The event of that name.</summary>
    public static Type TypeOf(string name) => ByName[name].Type;

    /// <summary>The version of the contract that an event was published with; 1 for a message that is no event.</summary>
    public static int VersionOf(object message) => ByName.TryGetValue(message.GetType().Name, out var shape) ? shape.ContractVersion(message) : 1;

    /// <summary>What every event carries.</summary>
    /// <exception cref="ArgumentException">It is no event of the contracts.</exception>
    internal static (string Name, Guid EventId, DateTimeOffset OccurredAt, Guid? PipelineRunId) HeaderOf(object message) =>
        ByName.TryGetValue(message.GetType().Name, out var shape)
            ? (shape.Type.Name, shape.EventId(message), shape.OccurredAt(message), shape.PipelineRunId(message))
            : throw new ArgumentException($"{message.GetType()} is no event of the contracts", nameof(message));

    private sealed class Shape(Type type)
    {
        private readonly PropertyInfo _eventId = type.GetProperty(nameof(DatasetRegistered.EventId))!;
        private readonly PropertyInfo _contractVersion = type.GetProperty(nameof(DatasetRegistered.ContractVersion))!;
        private readonly PropertyInfo _occurredAt = type.GetProperty(nameof(DatasetRegistered.OccurredAt))!;
        private readonly PropertyInfo _pipelineRunId = type.GetProperty(nameof(DatasetRegistered.PipelineRunId))!;

        public Type Type => type;

        public Guid EventId(object message) => (Guid)_eventId.GetValue(message)!;

        public int ContractVersion(object message) => (int)_contractVersion.GetValue(message)!;

        public DateTimeOffset OccurredAt(object message) => (DateTimeOffset)_occurredAt.GetValue(message)!;

        public Guid? PipelineRunId(object message) => (Guid?)_pipelineRunId.GetValue(message);
    }
}
