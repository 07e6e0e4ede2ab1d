using Mlops.Cli;

return await Commands.Root(Console.Out, Console.Error).Parse(args).InvokeAsync();
