using ResidualPrompts.Cli;

ProcessEnd.Prepare();
return ProcessEnd.With(CommandLine.Run(args));
