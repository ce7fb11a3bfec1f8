import Commands
import FoundationEssentials
import Glibc

@main
enum Program {
    static func main() {
        let status = CommandLineTool.run(
            CommandLineTool.arguments(asCalled: CommandLine.arguments), environment: ProcessInfo.processInfo.environment,
            console: SystemConsole())
        exit(status)
    }
}
