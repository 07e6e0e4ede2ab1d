using Mlops.Chaos.Plan;

namespace Mlops.Chaos.Faults;

/// <summary>A fault that was.</summary>
/// <param name="Planned">What was planned.</param>
/// <param name="EndedAt">
/// UTC. When what was killed had been started again, what was paused goes on, connections are let in, the disk has room,
/// the last repeated event is sent. A service's own start counts as recovery; RabbitMQ's and PostgreSQL's does not:
/// they are back when they answer.
/// </param>
/// <param name="Detail">What was hit.</param>
internal sealed record InjectedFault(PlannedFault Planned, DateTimeOffset EndedAt, string Detail);
