using Mlops.Standalone;

return await Commands.Root().Parse(args).InvokeAsync();
