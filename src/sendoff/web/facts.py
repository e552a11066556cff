"""Facts of the world that a person records in a case, as the page asks for them."""

from collections.abc import Mapping

from sendoff.model.proof import ProofKind

FACTS: Mapping[ProofKind, str] = {
    ProofKind.MET: "The meeting was held; its minutes and decisions",
    ProofKind.PERMISSION: "The customer permitted it in writing",
    ProofKind.EXPORT_ACCEPTED: "The customer accepted the export",
    ProofKind.PROTECTIONS_ACCEPTED: "They accepted which protections end",
    ProofKind.BREAK_GLASS: "They confirmed their break-glass account",
    ProofKind.SHARED_ROTATED: "Secrets that others use too were changed",
    ProofKind.PRIVATE_LISTS: "All of ours were asked about their private lists",
    ProofKind.CODES_ENROLLED: "One-time codes were enrolled by the customer",
    ProofKind.PROBE_UNINSTALLED: "The probe was uninstalled",
    ProofKind.COSTS_KEPT: "The cost history was kept",
    ProofKind.WORDS_CHECKED: "The evidence of lines done by hand was looked at by somebody else",
    ProofKind.BLIND_SPOTS: "The blind spots are accepted",
}
"""In the order in which a leaving meets them."""
