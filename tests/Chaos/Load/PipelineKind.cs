namespace Mlops.Chaos.Load;

/// <summary>A pipeline that the load registers again and again: small, so that many are under way on a small machine.</summary>
/// <param name="Name">Of the data set and the model; a number is added.</param>
/// <param name="Sample">The sample data set.</param>
/// <param name="Spec">The pipeline spec.</param>
/// <param name="EndsWith">The kinds of outcome that are right, null standing for a served model.</param>
internal sealed record PipelineKind(string Name, string Sample, string Spec, IReadOnlyList<string?> EndsWith)
{
    // A model that is promoted later may overtake one before it was loaded. And work that faults hit five times is given
    // up, for a person to look at: that is a result, and the report counts it.
    private const string GivenUp = "AttemptsExhausted";
    private static readonly string?[] Served = [null, "Superseded", GivenUp];

    public static IReadOnlyList<PipelineKind> All { get; } =
    [
        new("iris", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":20}}""", Served),
        new("penguins", "penguins", """{"task":"classification","target":"species","model":{"type":"mlp"},"training":{"epochs":10},"compression":{"methods":["float16"]}}""", Served),
        new("unmet", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":5},"evaluation":{"gates":[{"metric":"logLoss","max":0}]}}""", ["GateNotMet", GivenUp]),
        new("diabetes", "diabetes", """{"task":"regression","target":"target","model":{"type":"mlp"},"training":{"epochs":10}}""", Served),
        new("untrainable", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"optimizer":{"type":"sgd","learningRate":1000,"momentum":0.99}}""", ["Invalid", GivenUp]),
        new("folds", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":10},"crossValidation":{"folds":3},"compression":{"methods":[]}}""", Served),
        new("search", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":10},"search":{"trials":4,"parallel":2,"space":{"optimizer.learningRate":{"min":0.001,"max":0.1,"scale":"log"}}},"compression":{"methods":[]}}""", Served),
        // Long enough to be hit while it trains.
        new("digits", "digits", """{"task":"classification","target":"class","model":{"type":"mlp","hidden":[64]},"training":{"epochs":40,"earlyStopping":null},"compression":{"methods":["int8-dynamic"]}}""", Served),
        new("plain", "iris", """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":5},"compression":{"methods":[]}}""", Served),
    ];
}
