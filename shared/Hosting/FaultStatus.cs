using Microsoft.AspNetCore.Http;
using Mlops.Contracts;

namespace Mlops.Hosting;

/// <summary>Faults in HTTP's terms, whatever form an answer's body has.</summary>
public static class FaultStatus
{
    /// <summary>The status code that says this.</summary>
    public static int ToHttpStatus(this FaultKind kind) => kind switch
    {
        FaultKind.Invalid => StatusCodes.Status400BadRequest,
        FaultKind.NotFound => StatusCodes.Status404NotFound,
        FaultKind.Conflict => StatusCodes.Status409Conflict,
        FaultKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FaultKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        FaultKind.Unsupported => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status500InternalServerError,
    };
}
