namespace Mlops.Inference;

/// <summary>Where a loaded version stands in its life.</summary>
public enum ModelState
{
    /// <summary>Its bytes are fetched, verified and warmed up; it takes no requests yet.</summary>
    Loading,

    /// <summary>It takes requests.</summary>
    Ready,

    /// <summary>It has been replaced: the requests that hold it finish, new ones do not get it.</summary>
    Draining,

    /// <summary>The last request has returned it and its memory is released.</summary>
    Unloaded,

    /// <summary>It could not be loaded.</summary>
    Failed,
}

/// <summary>The steps that a version's life may take.</summary>
public static class ModelStates
{
    /// <summary>Whether <paramref name="to"/> may follow <paramref name="from"/>.</summary>
    public static bool MayFollow(ModelState from, ModelState to) => (from, to) switch
    {
        (ModelState.Loading, ModelState.Ready or ModelState.Failed) => true,
        (ModelState.Ready, ModelState.Draining) => true,
        (ModelState.Draining, ModelState.Unloaded) => true,
        _ => false,
    };

    /// <summary>The new state, if the step is one that a version's life may take.</summary>
    /// <exception cref="InvalidOperationException">It is not: a defect of ours, never a caller's.</exception>
    public static ModelState Step(ModelState from, ModelState to) =>
        MayFollow(from, to) ? to : throw new InvalidOperationException($"A model version cannot go from {from} to {to}.");
}
