using ResidualPrompts.Cli;

return CommandLine.Run(args);
