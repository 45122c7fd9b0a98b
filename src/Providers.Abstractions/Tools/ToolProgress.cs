namespace Providers.Tools;

/// <summary>How far a call is.</summary>
/// <param name="Done">How much is done; grows with every report.</param>
/// <param name="Total">How much there is in all; <see langword="null"/>: unknown.</param>
/// <param name="Message">A few words; <see langword="null"/>: none.</param>
public readonly record struct ToolProgress(double Done, double? Total = null, string? Message = null);
