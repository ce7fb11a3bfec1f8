import Commands
import FoundationEssentials
import Glibc

@main
enum Program {
    static func main() {
        let status = CommandLineTool.run(
            Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment, console: SystemConsole())
        exit(status)
    }
}
