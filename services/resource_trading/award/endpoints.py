"""The HTTP face of awards: acts at the tender's address. Must never decide anything."""

from fastapi import APIRouter

from libs.common.identity.signed import SignedCommandRoute
from services.resource_trading.award.acts import ACTS
from services.resource_trading.tender.endpoints import serve

router = APIRouter(prefix="/tenders", route_class=SignedCommandRoute, tags=["awards 中标"])

for act in ACTS:
    serve(router, act)
