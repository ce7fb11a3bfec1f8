internal import AsyncHTTPClient
internal import Primitives

extension FetchFailure {
    /// Why something was not sent over HTTP.
    init(sending error: any Error) {
        self =
            switch error {
            case let failure as FetchFailure: failure
            case is CancellationError: .tooSlow
            case let error as HTTPClientError:
                switch error {
                case .readTimeout, .connectTimeout, .deadlineExceeded, .cancelled: .tooSlow
                default: .unreachable(String(error.shortDescription.prefix(200)))
                }
            default: .unreachable(String("\(error)".prefix(200)))
            }
    }
}
