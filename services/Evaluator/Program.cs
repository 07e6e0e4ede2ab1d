using Mlops.Evaluator;
using Mlops.Hosting;

var builder = MlopsHost.CreateBuilder(args, "evaluator", new ListenOptions { Http = 5103 });
builder.AddEvaluator();
return await builder.BuildMlops().RunMlopsAsync();
