"""What a script or a button may ask of a service: import it, take it live."""

from typing import Any

from odoo import models
from odoo.exceptions import AccessError

MANAGER = "fusion_centralize_billing.group_fusion_billing_manager"


class BillingService(models.Model):
    _inherit = "fusion.billing.service"

    def import_nexacloud(self, mode: str) -> dict[str, Any]:
        """Import this service from NexaCloud's database. For billing managers, also over RPC.

        :param mode: ``test`` (connection and schema), ``dry_run`` (all of it, rolled back), ``run``
        :return: ``{"metrics"|"plans"|"charges"|"customers"|"subscriptions"|"deployments":
            {"created", "updated", "unchanged", "skipped", "failed"}, "lines": [{"object",
            "external_id", "outcome", "reason", "severity"}], "ok", "severity", "problems",
            "warnings", "tables", "session", "mode", "run_id": the kept report}``
        """
        self.ensure_one()
        self._check_manager()
        report = self.env["fusion.billing.import.nexacloud"]._import(self, mode)
        run = self.env["fusion.billing.import.run"]._record(self, "nexacloud", report)
        return {**report, "run_id": run.id}

    def import_lago(self, mode: str) -> dict[str, Any]:
        """Import this service from Lago's API. For billing managers, also over RPC.

        :param mode: ``test`` (what may be read), ``dry_run`` (all of it, rolled back), ``run``
        :return: as `import_nexacloud`, by ``metrics``, ``taxes``, ``plans``, ``customers``,
            ``coupons``, ``wallets``, ``subscriptions`` and ``invoices``
        """
        self.ensure_one()
        self._check_manager()
        report = self.env["fusion.billing.import.lago"]._import(self, mode)
        run = self.env["fusion.billing.import.run"]._record(self, "lago", report)
        return {**report, "run_id": run.id}

    def lago_checklist(self) -> list[dict[str, Any]]:
        """Whether Lago can be switched off: ``[{"point", "ok", "reason"}]``. For managers."""
        self.ensure_one()
        self._check_manager()
        return self.env["fusion.billing.lago.checklist"]._points(self)

    def go_live(self) -> dict[str, Any]:
        """Take this service live. For billing managers, also over RPC.

        :return: see ``fusion.billing.golive._go_live``
        """
        self.ensure_one()
        self._check_manager()
        self._check_proved()
        return self.env["fusion.billing.golive"]._go_live(self)

    def _check_manager(self) -> None:
        self.check_access("write")
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a billing administrator may do this."))
