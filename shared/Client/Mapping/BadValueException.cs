namespace Mlops.Client.Mapping;

/// <summary>A value that its column cannot take; whoever knows row and column says so to the caller.</summary>
internal sealed class BadValueException : Exception;
