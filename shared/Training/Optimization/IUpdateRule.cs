namespace Mlops.Training.Optimization;

/// <summary>One step of a first-order optimiser, for one weight: a value that holds the step's coefficients.</summary>
internal interface IUpdateRule
{
    /// <summary>How many numbers are remembered of each weight, 0 to 3. They begin as 0, unless the optimiser says otherwise.</summary>
    static abstract int Memories { get; }

    /// <summary>The weight after the step.</summary>
    /// <param name="weight">Before it.</param>
    /// <param name="gradient">Of the loss, with its penalties.</param>
    /// <param name="first">What is remembered; changed for the next step.</param>
    /// <param name="second">The same.</param>
    /// <param name="third">The same.</param>
    T Step<T>(T weight, T gradient, ref T first, ref T second, ref T third)
        where T : struct, IArithmetic<T>;
}
