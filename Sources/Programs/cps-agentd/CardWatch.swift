import LoginFlow
import PCSC
import ServiceLifecycle

/// Runs the reader monitor and lets the board follow it.
struct CardWatch: Service {
    let monitor: ReaderMonitor
    let board: CardBoard

    func run() async throws {
        monitor.start()
        await withGracefulShutdownHandler {
            await board.follow(monitor.snapshots)
        } onGracefulShutdown: {
            monitor.stop()
        }
    }
}
