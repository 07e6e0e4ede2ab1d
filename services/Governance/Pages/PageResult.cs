using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Mlops.Governance.Pages;

/// <summary>
/// Renders a component as a whole page. The framework's own result would bring antiforgery and data protection with it,
/// which write keys into the home folder; pages without forms that post need neither.
/// </summary>
/// <param name="parameters">The component's parameters by name.</param>
/// <param name="status">The response's status.</param>
internal sealed class PageResult<TPage>(Dictionary<string, object?> parameters, int status) : IResult
    where TPage : IComponent
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        await httpContext.Response.WriteAsync(html, httpContext.RequestAborted);
    }
}
